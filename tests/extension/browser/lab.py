"""What a person does in the lab, as methods: open a lesson, go to a cell, write, run, look."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from playwright.sync_api import Locator, Page, expect

THEMES = ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast")


class Lab:
    """JupyterLab in a browser page."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        parts = urlsplit(address)
        self.base = f"{parts.scheme}://{parts.netloc}"
        self.token = parts.query

    def open_start_page(self) -> None:
        """Go where `lab.py open` sends the browser, with no tabs of another test's open."""
        self.page.goto(f"{self.address}&reset")
        self.page.locator("#main").wait_for()

    def open_lesson(self, path: str, app: str = "lab/tree") -> None:
        """Open a notebook by its address and wait for its kernel."""
        reset = "&reset" if app.startswith("lab") else ""
        self.page.goto(f"{self.base}/{app}/{quote(path)}?{self.token}{reset}")
        self.wait_for_kernel()

    def end_kernels(self) -> None:
        """End the kernels of all notebooks: what is opened next has a new one."""
        sessions = self.page.request.get(f"{self.base}/api/sessions?{self.token}").json()
        for session in sessions:
            self.page.request.delete(f"{self.base}/api/sessions/{session['id']}?{self.token}")

    def wait_for_kernel(self) -> None:
        """Wait until the kernel of the open notebook is idle."""
        self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)").wait_for()
        self.page.locator(
            ".jp-Toolbar-kernelStatus[data-status='idle'], .jp-NotebookKernelStatus, "
            ".jp-Notebook-ExecutionIndicator[data-status='idle']"
        ).first.wait_for(state="attached", timeout=60_000)

    def wait_for_tensors(self) -> None:
        """Wait until the panel has heard of the kernel: the first one of a lab takes a while."""
        expect(self.tensors).to_contain_text(re.compile("live|running"), timeout=60_000)

    def show_sidebar(self) -> None:
        """Open Torchenstein's sidebar if it is closed."""
        sidebar = self.page.locator("#torchenstein-sidebar")
        if not sidebar.is_visible():
            self.page.locator("[data-id='torchenstein-sidebar']").click()
        sidebar.wait_for()

    @property
    def hints(self) -> Locator:
        return self.page.locator(".jp-Torchenstein-hints")

    @property
    def explanation(self) -> Locator:
        return self.page.locator(".jp-Torchenstein-explain")

    @property
    def tensors(self) -> Locator:
        return self.page.locator(".jp-Torchenstein-tensors")

    def row(self, name: str) -> Locator:
        """The row of the tensor `name`."""
        return self.tensors.locator(f"[data-tensor='{name}']")

    def cell(self, text: str) -> Locator:
        """The code cell of the notebook in sight that holds `text`."""
        shown = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        return shown.locator(".jp-CodeCell", has_text=text).first

    def activate(self, cell: Locator) -> None:
        """Make a cell the active one by clicking into its editor."""
        # A line, not the whole editor: the top of a tall one may stay out of sight.
        cell.locator(".cm-line").first.click(position={"x": 1, "y": 5})
        expect(cell).to_have_class(re.compile("jp-mod-active"))

    def write(self, cell: Locator, source: str) -> None:
        """Replace the source of a cell."""
        self.activate(cell)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.insert_text(source)

    def run(self, cell: Locator) -> None:
        """Run a cell and wait until it is done."""
        prompt = cell.locator(".jp-InputPrompt").first
        self.activate(cell)
        before = prompt.inner_text()
        self.page.keyboard.press("Control+Enter")
        try:
            expect(prompt).not_to_have_text(before)
        except AssertionError:
            # JupyterLab forgets keys that are pressed before its shortcuts have loaded.
            self.activate(cell)
            self.page.keyboard.press("Control+Enter")
        expect(prompt).to_have_text(re.compile(r"\[\d+\]"), timeout=30_000)

    def add_cell(self, below: Locator, source: str) -> Locator:
        """Make a code cell below another one and write into it."""
        self.activate(below)
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("b")
        cell = self.page.locator(".jp-CodeCell.jp-mod-active")
        cell.locator(".cm-content").click()
        self.page.keyboard.insert_text(source)
        return cell

    def menu(self, *labels: str) -> None:
        """Choose an entry of the menu bar."""
        self.page.locator(".lm-MenuBar-item", has_text=labels[0]).first.click()
        for label in labels[1:]:
            pattern = re.compile(f"^{re.escape(label)}$")
            text = self.page.locator(".lm-Menu-itemLabel", has_text=pattern)
            entry = self.page.locator(".lm-Menu-item", has=text).last
            entry.hover()
            if label == labels[-1]:
                entry.click()

    def restart_kernel(self) -> None:
        """Restart the kernel through the menu and confirm."""
        self.menu("Kernel", "Restart Kernel…")
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        self.page.locator(".jp-Dialog").wait_for(state="detached")

    def use_theme(self, name: str) -> None:
        """Choose one of `THEMES`."""
        self.menu("Settings", "Theme", name)
        light = "true" if "Light" in name else "false"
        expect(self.page.locator("body")).to_have_attribute("data-jp-theme-light", light)

    def command(self, label: str) -> None:
        """Run a command through the command palette."""
        self.page.keyboard.press("ControlOrMeta+Shift+c")
        self.page.locator(".lm-CommandPalette-input").fill(label)
        self.page.locator(".lm-CommandPalette-item", has_text=label).first.click()
