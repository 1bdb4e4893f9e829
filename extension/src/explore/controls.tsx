import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IWish } from '../kernel';
import { PAIRS } from './fitting';
import type { ExploreModel } from './model';

interface IProps {
  wish: IWish;
  model: ExploreModel;
  trans: TranslationBundle;
}

/** What can be chosen: the tensors, and the options that the explorer has. */
export function Controls(props: IProps): React.JSX.Element {
  const { wish, model, trans } = props;
  const { explorer } = wish;
  return (
    <div className="jp-Torchenstein-exploreControls">
      <Tensor {...props} place={0} label={trans.__('tensor')} />
      {PAIRS.has(explorer) && (
        <Tensor {...props} place={1} label={trans.__('with')} />
      )}
      {explorer === 'einsum' && <Equation {...props} />}
      {explorer === 'conv' && (
        <>
          <Number {...props} option="stride" least={1} />
          <Number {...props} option="padding" least={0} />
          <Number {...props} option="dilation" least={1} />
        </>
      )}
      <button
        className="jp-Torchenstein-button jp-mod-quiet jp-mod-small"
        onClick={() => model.close()}
      >
        {trans.__('Close')}
      </button>
    </div>
  );
}

function Tensor(
  props: IProps & { place: number; label: string }
): React.JSX.Element {
  const { wish, model, place, label } = props;
  const known = model.tensors.map(tensor => tensor.name);
  const chosen = wish.names[place] ?? '';
  const names = known.includes(chosen) ? known : [chosen, ...known];
  return (
    <label>
      {label}{' '}
      <select
        value={chosen}
        onChange={event => {
          const changed = [...wish.names];
          changed[place] = event.target.value;
          void model.change({ names: changed });
        }}
      >
        {names.map(name => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What is written is asked for at once: the answer says what is missing. */
function Equation(props: IProps): React.JSX.Element {
  const { wish, model, trans } = props;
  return (
    <label>
      {trans.__('equation')}{' '}
      <input
        type="text"
        spellCheck={false}
        value={wish.equation ?? ''}
        onChange={event => void model.change({ equation: event.target.value })}
      />
    </label>
  );
}

function Number(
  props: IProps & { option: 'stride' | 'padding' | 'dilation'; least: number }
): React.JSX.Element {
  const { wish, model, option, least } = props;
  return (
    <label>
      {option}{' '}
      <input
        type="number"
        min={least}
        value={wish[option] ?? least}
        onChange={event => {
          const value = event.target.valueAsNumber;
          if (value >= least) {
            void model.change({ [option]: Math.round(value) });
          }
        }}
      />
    </label>
  );
}
