import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Box } from './box';
import { layout, type ILine } from './layout';
import type { FlowModel } from './model';
import type { FlowTree, IItem } from './tree';
import { Walk } from './walk';

const KEYS: readonly string[] = [
  ...['ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight'],
  ...['Home', 'End', 'Escape']
];
/** How far the pointer may move in a click, in px. */
const STILL = 4;

/** The graph, drawn. It scrolls; its background can be dragged. */
export function FlowDrawing(props: {
  model: FlowModel;
  tree: FlowTree;
  zoom: number;
  onZoom: (factor: number) => void;
  goTo: (item: IItem) => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { model, tree, zoom, onZoom, goTo, trans } = props;
  const { expanded, backward, selected } = model;
  const drawing = React.useMemo(
    () => layout(tree, expanded, backward, trans),
    [tree, expanded, backward, trans]
  );
  const walk = React.useMemo(
    () => new Walk(tree, expanded, drawing),
    [tree, expanded, drawing]
  );
  const matches = React.useMemo(() => new Set(model.matches), [model.matches]);
  const frame = React.useRef<HTMLDivElement>(null);
  const arrow = `jp-Torchenstein-arrow${React.useId().replace(/:/g, '-')}`;
  /** Whether the last change came from here: a box that opens is made anew, and loses the focus. */
  const isDriven = React.useRef(false);
  const inTabOrder =
    drawing.boxes.find(box => box.item === selected)?.item ??
    drawing.boxes[0]?.item;

  React.useEffect(() => {
    if (selected) {
      const box = find(frame.current, selected);
      if (box && frame.current && !isInside(box, frame.current)) {
        box.scrollIntoView?.({ block: 'center', inline: 'center' });
      }
      if (isDriven.current || frame.current?.contains(document.activeElement)) {
        box?.focus({ preventScroll: true });
      }
      isDriven.current = false;
    }
  }, [selected, drawing]);

  // A new graph is read from its beginning.
  React.useEffect(() => {
    const node = frame.current;
    if (node && !model.selected) {
      node.scrollTop = 0;
      node.scrollLeft = (node.scrollWidth - node.clientWidth) / 2;
    }
  }, [tree, model]);

  // React's own wheel listeners cannot keep the page from zooming.
  React.useEffect(() => {
    const node = frame.current;
    const wheel = (event: WheelEvent) => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        onZoom(Math.exp(-event.deltaY / 300));
      }
    };
    node?.addEventListener('wheel', wheel, { passive: false });
    return () => node?.removeEventListener('wheel', wheel);
  }, [onZoom]);

  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      // The lab's own, and the browser's zoom.
      return;
    }
    isDriven.current = true;
    if (KEYS.includes(event.key)) {
      const next = walk.next(selected, event.key);
      if (next) {
        model.select(next);
      }
    } else if (event.key === 'Enter' || event.key === ' ') {
      if (selected && selected.children.length > 0) {
        model.toggle(selected);
      } else if (selected) {
        goTo(selected);
      }
    } else if (event.key === '+' || event.key === '-') {
      onZoom(event.key === '+' ? 1.25 : 0.8);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const onClick = (event: React.MouseEvent) => {
    const item = itemAt(event.target, tree);
    isDriven.current = item !== null;
    if (item && item.children.length > 0) {
      model.toggle(item);
    } else if (item) {
      model.select(item);
    }
  };
  const onDoubleClick = (event: React.MouseEvent) => {
    const item = itemAt(event.target, tree);
    if (item && item.children.length === 0) {
      goTo(item);
    }
  };

  return (
    <div
      ref={frame}
      className="jp-Torchenstein-flowFrame"
      onKeyDown={onKeyDown}
      onClick={onClick}
      onDoubleClick={onDoubleClick}
      onPointerDown={drag}
    >
      <svg
        className="jp-Torchenstein-flowDrawing"
        data-width={drawing.width}
        width={drawing.width * zoom}
        height={drawing.height * zoom}
        viewBox={`0 0 ${drawing.width} ${drawing.height}`}
        role="group"
        aria-label={trans.__(
          'Shape flow: the arrow keys follow the edges, Enter opens a module'
        )}
        data-backward={backward}
      >
        <defs>
          <marker
            id={arrow}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerUnits="userSpaceOnUse"
            markerWidth="7"
            markerHeight="7"
            orient="auto-start-reverse"
          >
            <path d="M0,0.5L7.5,4L0,7.5z" fill="context-stroke" />
          </marker>
        </defs>
        {drawing.boxes
          .filter(box => box.isOpen)
          .map(box => (
            <Box
              key={box.item.id}
              box={box}
              tree={tree}
              isSelected={box.item === selected}
              isMatch={matches.has(box.item)}
              isInTabOrder={box.item === inTabOrder}
              trans={trans}
            />
          ))}
        <Lines lines={drawing.lines} backward={backward} arrow={arrow} />
        {drawing.boxes
          .filter(box => !box.isOpen)
          .map(box => (
            <Box
              key={box.item.id}
              box={box}
              tree={tree}
              isSelected={box.item === selected}
              isMatch={matches.has(box.item)}
              isInTabOrder={box.item === inTabOrder}
              trans={trans}
            />
          ))}
      </svg>
    </div>
  );
}

const Lines = React.memo(function Lines(props: {
  lines: readonly ILine[];
  backward: boolean;
  /** The id of the arrow's head: a drawing that is hidden would hide what others borrow. */
  arrow: string;
}): React.JSX.Element {
  const { lines, backward, arrow } = props;
  const head = `url(#${arrow})`;
  return (
    <g aria-hidden={true}>
      {lines.map(line => (
        <path
          key={line.key}
          className="jp-Torchenstein-flowLine"
          d={line.path}
          data-loop={line.isLoop}
          data-gradient={line.hasGradient}
          data-failed={line.hasFailed}
          markerStart={backward && line.hasGradient ? head : undefined}
          markerEnd={backward && line.hasGradient ? undefined : head}
        />
      ))}
    </g>
  );
});

function find(frame: HTMLElement | null, item: IItem): SVGGElement | null {
  return frame?.querySelector(`[data-item="${item.id}"]`) ?? null;
}

/** Whether all of a box can be seen, or it fills what can be. */
function isInside(box: Element, frame: Element): boolean {
  const one = box.getBoundingClientRect();
  const other = frame.getBoundingClientRect();
  return (
    one.top >= other.top &&
    one.left >= other.left &&
    (one.bottom <= other.bottom || one.height > other.height) &&
    (one.right <= other.right || one.width > other.width)
  );
}

function itemAt(target: EventTarget, tree: FlowTree): IItem | null {
  const id = (target as Element)
    .closest?.('[data-item]')
    ?.getAttribute('data-item');
  return id ? tree.find(id) : null;
}

/** Moves what is seen with the pointer, as a map; a click that moves is no click. */
function drag(event: React.PointerEvent<HTMLElement>): void {
  const frame = event.currentTarget;
  if (event.button !== 0 || event.pointerType === 'touch') {
    return;
  }
  const start = { x: event.clientX, y: event.clientY };
  const { scrollLeft, scrollTop } = frame;
  let isMoving = false;
  const move = (next: PointerEvent) => {
    const dx = next.clientX - start.x;
    const dy = next.clientY - start.y;
    isMoving ||= Math.hypot(dx, dy) > STILL;
    if (isMoving) {
      frame.scrollLeft = scrollLeft - dx;
      frame.scrollTop = scrollTop - dy;
    }
  };
  const swallow = (click: MouseEvent) => {
    click.stopPropagation();
  };
  const end = () => {
    window.removeEventListener('pointermove', move);
    if (isMoving) {
      frame.addEventListener('click', swallow, { capture: true, once: true });
      window.setTimeout(() =>
        frame.removeEventListener('click', swallow, true)
      );
    }
  };
  window.addEventListener('pointermove', move);
  window.addEventListener('pointerup', end, { once: true });
}
