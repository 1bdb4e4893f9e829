import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { LiveCurve } from '../protocol';
import { keyOf } from './run';
import { pathOf, scaleOf, spreadsOverDecades, type IScale } from './scale';
import {
  describeCurve,
  formatSeconds,
  formatValue,
  lastOf,
  nameOf
} from './words';

const WIDTH = 268;
const LEFT = 58;
const PAD = 5;

/** Colour and dashes of the first curve, the second and so on: either tells them apart. */
const STYLES = [
  { hue: 6, dashes: undefined },
  { hue: 7, dashes: '5 3' },
  { hue: 3, dashes: '1.5 3' },
  { hue: 4, dashes: '8 3 1.5 3' },
  { hue: 0, dashes: '10 4' },
  { hue: 1, dashes: '3 2' }
];

interface IChartProps {
  title: string;
  /** On one axis. */
  curves: readonly LiveCurve[];
  seconds: number;
  /** In pixels. */
  height: number;
  trans: TranslationBundle;
}

/** Curves of one kind over the seconds of the run, and under them their names and last values. */
export function Chart(props: IChartProps): React.JSX.Element | null {
  const { title, curves, trans } = props;
  const [wantsLog, setWantsLog] = React.useState(false);
  const hasChoice = spreadsOverDecades(curves);
  const scale = scaleOf(curves, wantsLog && hasChoice);
  return (
    <figure className="jp-Torchenstein-chart">
      <div className="jp-Torchenstein-chartHead">
        <span>{title}</span>
        {hasChoice && (
          <span
            className="jp-Torchenstein-switch"
            role="group"
            aria-label={trans.__('Axis of %1', title)}
          >
            {[false, true].map(isLog => (
              <button
                key={String(isLog)}
                aria-pressed={wantsLog === isLog}
                onClick={() => setWantsLog(isLog)}
              >
                {isLog ? trans.__('log') : trans.__('linear')}
              </button>
            ))}
          </span>
        )}
      </div>
      {scale && <Plot {...props} scale={scale} />}
      <figcaption>
        <ul className="jp-Torchenstein-curveNames">
          {curves.map((curve, place) => (
            <li key={keyOf(curve)}>
              <Swatch place={place} />
              <span
                className="jp-Torchenstein-name"
                title={nameOf(curve, trans)}
              >
                {nameOf(curve, trans)}
              </span>
              <span
                className="jp-Torchenstein-last"
                data-alarming={!Number.isFinite(Number(lastOf(curve)))}
              >
                {formatValue(curve, lastOf(curve))}
              </span>
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}

function Plot(props: IChartProps & { scale: IScale }): React.JSX.Element {
  const { title, curves, seconds, height, scale, trans } = props;
  const twin = [
    trans.__('%1 over %2', title, formatSeconds(seconds)),
    ...curves.map(curve => describeCurve(curve, trans))
  ].join('. ');
  const [first] = curves;
  return (
    <svg
      className="jp-Torchenstein-plot"
      viewBox={`0 0 ${LEFT + WIDTH + 2 * PAD} ${height + 2 * PAD + 12}`}
      role="img"
      aria-label={twin}
    >
      <text x={LEFT - 6} y={PAD + 7} textAnchor="end">
        {formatValue(first, scale.most)}
      </text>
      {scale.most > scale.least && (
        <text x={LEFT - 6} y={PAD + height} textAnchor="end">
          {formatValue(first, scale.least)}
        </text>
      )}
      <text x={LEFT} y={height + 2 * PAD + 10}>
        0
      </text>
      <text x={LEFT + WIDTH} y={height + 2 * PAD + 10} textAnchor="end">
        {formatSeconds(seconds)}
      </text>
      <g transform={`translate(${LEFT} ${PAD})`}>
        <path className="jp-Torchenstein-axes" d={`M0 0V${height}H${WIDTH}`} />
        {curves.map((curve, place) => {
          const { hue, dashes } = STYLES[place % STYLES.length];
          const end = Number(lastOf(curve));
          return (
            <g key={keyOf(curve)} data-hue={hue}>
              <path
                className="jp-Torchenstein-curve"
                strokeDasharray={dashes}
                d={pathOf(curve, seconds, scale, WIDTH, height)}
              />
              {Number.isFinite(end) && (
                <circle
                  cx={
                    (curve.times[curve.times.length - 1] /
                      Math.max(seconds, 1e-3)) *
                    WIDTH
                  }
                  cy={(1 - scale.at(end)) * height}
                  r={2.6}
                />
              )}
            </g>
          );
        })}
      </g>
    </svg>
  );
}

function Swatch(props: { place: number }): React.JSX.Element {
  const { hue, dashes } = STYLES[props.place % STYLES.length];
  return (
    <svg
      className="jp-Torchenstein-swatch"
      width={22}
      height={8}
      aria-hidden={true}
      data-hue={hue}
    >
      <path
        className="jp-Torchenstein-curve"
        strokeDasharray={dashes}
        d="M1 4H21"
      />
    </svg>
  );
}
