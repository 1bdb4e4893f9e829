// Draws the plots in the page's own colours, again when the reader turns to dark, light or paper.
const root = document.documentElement;
const plots = [...document.querySelectorAll("script[data-plot]")].map((script) => [
  document.getElementById(script.dataset.plot),
  script.textContent,
]);

function draw() {
  const style = getComputedStyle(root);
  for (const [place, text] of plots) {
    const painted = text.replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
    const { data, layout } = JSON.parse(painted);
    Plotly.react(place, data, layout, { displayModeBar: false, responsive: true, showTips: false });
  }
}

draw();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
addEventListener("beforeprint", () => (root.classList.add("paper"), draw()));
addEventListener("afterprint", () => (root.classList.remove("paper"), draw()));
