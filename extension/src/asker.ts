import type { Answer, IInspector, Question } from './kernel';
import type { Cautions, Lines } from './protocol';
import { Retry } from './retry';

/** What the kernel watches, and tells with a revision, by the kind of the question. */
interface IWatched {
  readonly lines: Lines;
  readonly cautions: Cautions;
}

/** Has the kernel of a notebook watch something while that is wanted, and asks after each run what is new. */
export class Asker<K extends keyof IWatched> {
  constructor(options: Asker.IOptions<K>) {
    this._options = options;
    const { inspector } = options;
    inspector.stateChanged.connect(this._onStateChanged, this);
    inspector.executed.connect(this._refresh, this);
  }

  /** Whether something is wanted; while nothing is, the kernel is not asked. */
  get isOn(): boolean {
    return this._isOn;
  }

  /** Asks for everything, and from then on for what is new. */
  begin(): void {
    this._isOn = true;
    this._since = 0;
    this._refresh();
  }

  /** Asks no more, and has the kernel end the watching. */
  end(): void {
    if (!this._isOn) {
      return;
    }
    this._isOn = false;
    this._forget();
    if (this._isListening) {
      void this._options.inspector.ask(this._options.question(0, false));
    }
  }

  dispose(): void {
    this._isOn = false;
    this._retry.cancel();
    this._options.inspector.dispose();
  }

  private _onStateChanged(): void {
    switch (this._options.inspector.state) {
      case 'idle':
        // The first question lets the kernel begin to watch.
        if (this._isNew) {
          this._isNew = false;
          this._refresh();
        }
        break;
      case 'busy':
        break;
      default:
        this._isNew = true;
        this._forget();
    }
  }

  /** Asks; calls while an answer is awaited make one more question. */
  private _refresh(): void {
    this._isWanted = this._isOn && this._isListening;
    if (this._isWanted && !this._isAsking) {
      this._isAsking = true;
      void this._askWhileWanted().finally(() => {
        this._isAsking = false;
      });
    }
  }

  private async _askWhileWanted(): Promise<void> {
    const { inspector, question, take } = this._options;
    while (this._isWanted) {
      this._isWanted = false;
      const asked = question(this._since, true);
      const answer = await inspector.ask(asked);
      if (!this._isOn) {
        return;
      }
      // A newer run makes this answer an old one.
      if (isReplyTo<K>(asked, answer) && !this._isWanted) {
        this._since = answer.revision;
        take(answer);
      } else {
        this._retry.ifDropped(answer, () => this._refresh());
      }
    }
  }

  private get _isListening(): boolean {
    const { state } = this._options.inspector;
    return state === 'idle' || state === 'busy';
  }

  private _forget(): void {
    this._since = 0;
    this._options.forget();
  }

  private _options: Asker.IOptions<K>;
  private _since = 0;
  private _isOn = false;
  private _isNew = true;
  private _isWanted = false;
  private _isAsking = false;
  private _retry = new Retry();
}

function isReplyTo<K extends keyof IWatched>(
  question: { readonly kind: K },
  answer: Answer
): answer is IWatched[K] {
  return answer.kind === question.kind;
}

export namespace Asker {
  export interface IOptions<K extends keyof IWatched> {
    /** Of the notebook's kernel; disposed of with the asker. */
    inspector: IInspector;
    /** What to ask; `since` is the revision of the last answer. */
    question: (since: number, watch: boolean) => Question & { kind: K };
    take: (answer: IWatched[K]) => void;
    /** Called when the kernel goes away, or nothing is wanted any more. */
    forget: () => void;
  }
}
