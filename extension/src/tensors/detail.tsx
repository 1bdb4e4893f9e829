import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { TensorDetail, TensorSummary } from '../protocol';
import { ExploreButtons } from './explore';
import { formatCount } from './format';
import { HeatmapView } from './heatmap';
import { HistogramView } from './histogram';
import type { IOpenTensor, TensorsModel } from './model';
import { SlicePicker } from './slicepicker';
import { StatisticsView } from './statistics';

/** The elements of the open tensor: read when its row was opened, never before. */
export function TensorDetails(props: {
  tensor: TensorSummary;
  detail: IOpenTensor['detail'];
  model: TensorsModel;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { tensor, detail, model, trans } = props;
  if (detail === null) {
    return <p className="jp-Torchenstein-note">{trans.__('Reading …')}</p>;
  }
  if (detail.kind === 'failure') {
    return <p className="jp-Torchenstein-note">{detail.message}</p>;
  }
  return (
    <div
      className="jp-Torchenstein-detail"
      role="group"
      aria-label={trans.__('Elements of %1', tensor.name)}
    >
      <Picture detail={detail} model={model} trans={trans} />
      <StatisticsView detail={detail} trans={trans} />
      <p className="jp-Torchenstein-note">{factsOf(detail, trans)}</p>
      {detail.notes.map(note => (
        <p key={note} className="jp-Torchenstein-note">
          {note}
        </p>
      ))}
      <ExploreButtons tensor={tensor} trans={trans} />
    </div>
  );
}

/** The heatmap or the histogram, whichever was chosen last. */
function Picture(props: {
  detail: TensorDetail;
  model: TensorsModel;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { detail, model, trans } = props;
  const [wanted, setWanted] = React.useState<'heatmap' | 'histogram'>(
    'heatmap'
  );
  const { heatmap, histogram, summary } = detail;
  if (!heatmap && !histogram) {
    return null;
  }
  const shown =
    heatmap && (wanted === 'heatmap' || !histogram) ? 'heatmap' : 'histogram';
  const choice = (which: 'heatmap' | 'histogram', label: string) => (
    <button aria-pressed={shown === which} onClick={() => setWanted(which)}>
      {label}
    </button>
  );
  return (
    <>
      <div className="jp-Torchenstein-choices">
        {heatmap && histogram && (
          <div
            className="jp-Torchenstein-switch"
            role="group"
            aria-label={trans.__('Picture')}
          >
            {choice('heatmap', trans.__('heatmap'))}
            {choice('histogram', trans.__('histogram'))}
          </div>
        )}
        {shown === 'heatmap' && heatmap && heatmap.leading.length > 0 && (
          <SlicePicker heatmap={heatmap} model={model} trans={trans} />
        )}
      </div>
      {shown === 'heatmap' && heatmap && (
        <HeatmapView heatmap={heatmap} summary={summary} trans={trans} />
      )}
      {shown === 'histogram' && histogram && (
        <HistogramView
          histogram={histogram}
          name={summary.name}
          trans={trans}
        />
      )}
    </>
  );
}

function factsOf(detail: TensorDetail, trans: TranslationBundle): string {
  const { summary } = detail;
  const facts: string[] = [];
  if (summary.stride && summary.stride.length > 0) {
    facts.push(trans.__('stride %1', summary.stride.join(' ')));
  }
  if (summary.storage_offset) {
    facts.push(trans.__('offset %1', summary.storage_offset));
  }
  if (summary.type !== 'Tensor') {
    facts.push(summary.type);
  }
  facts.push(
    detail.sampled
      ? trans.__('%1 elements sampled', formatCount(detail.read))
      : trans._n('%1 element', '%1 elements', detail.read)
  );
  return facts.join(' · ');
}
