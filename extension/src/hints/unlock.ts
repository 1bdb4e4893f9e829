import { asObject, type IProgress } from './metadata';

/** What must have happened before a tier of the hints can be opened. */
export type Rule = 'open' | 'attempt' | 'failed check' | 'never';

const RULES: readonly string[] = ['open', 'attempt', 'failed check', 'never'];

/** The rule of tiers 1 to 3 where the notebook says nothing else. */
const DEFAULTS: readonly Rule[] = ['open', 'attempt', 'failed check'];

/** Reads `torchenstein.unlock` of the notebook's metadata; the first tier is always open. */
export function readRules(unlock: unknown): Rule[] {
  const stored = asObject(unlock);
  return DEFAULTS.map((fallback, index) => {
    const rule = stored[String(index + 1)];
    return index > 0 && typeof rule === 'string' && RULES.includes(rule)
      ? (rule as Rule)
      : fallback;
  });
}

/** The tier that comes next, and whether it may be opened now. */
export interface INextTier {
  readonly tier: number;
  readonly rule: Rule;
  readonly unlocked: boolean;
}

/** The next tier; null after the last one, and where the next one never opens. */
export function nextTier(
  hints: readonly string[],
  progress: IProgress,
  rules: readonly Rule[]
): INextTier | null {
  const tier = progress.opened + 1;
  const rule = rules[tier - 1];
  if (tier > hints.length || rule === undefined || rule === 'never') {
    return null;
  }
  return { tier, rule, unlocked: holds(rule, progress) };
}

function holds(rule: Rule, progress: IProgress): boolean {
  switch (rule) {
    case 'open':
      return true;
    case 'attempt':
      return progress.attempted || progress.failed || progress.passed;
    case 'failed check':
      return progress.failed;
    case 'never':
      return false;
  }
}

const STUB = /#\s*YOUR CODE HERE\s*\n\s*raise NotImplementedError\(\)/;

/** Whether the answer still holds the placeholder that nbgrader put there. */
export function isUntouched(source: string): boolean {
  return STUB.test(source);
}
