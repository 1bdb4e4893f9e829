import type { Real } from '../protocol';
import { sizesOf, type Names, type Sizes } from './sizes';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** 1945 becomes `1.9 KiB`. */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let size = bytes;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  const digits = unit === 0 || size >= 100 ? 0 : 1;
  return `${size.toFixed(digits)} ${UNITS[unit]}`;
}

const SHORT_DTYPES: Record<string, string> = {
  bfloat16: 'bf16',
  bool: 'bool',
  complex128: 'c128',
  complex32: 'c32',
  complex64: 'c64'
};

/** float32 becomes f32, as deep learning papers and compilers write it. */
export function shortDtype(dtype: string): string {
  return (
    SHORT_DTYPES[dtype] ??
    dtype
      .replace(/^float(?=\d)/, 'f')
      .replace(/^uint(?=\d)/, 'u')
      .replace(/^int(?=\d)/, 'i')
  );
}

/** A number for reading, not for copying: four significant digits, a real minus sign. */
export function formatNumber(value: Real | null): string {
  if (value === null) {
    return '–';
  }
  const number = Number(value);
  if (Number.isNaN(number)) {
    return 'NaN';
  }
  return written(number).replace(/-/g, '−').replace('Infinity', '∞');
}

function written(number: number): string {
  const size = Math.abs(number);
  if (!Number.isFinite(number) || Number.isInteger(number)) {
    return size >= 1e6 && Number.isFinite(number)
      ? number.toExponential(2)
      : String(number);
  }
  if (size >= 1e5 || size < 1e-3) {
    return number.toExponential(2);
  }
  return String(Number(number.toPrecision(4)));
}

/** `2 × 5 × 8`, or `B 2 × T 5 × D 8` where the names are known; a scalar has no sizes. */
export function describeShape(shape: Sizes, names: Names = null): string {
  if (!shape) {
    return '?';
  }
  return shape.length === 0
    ? 'scalar'
    : sizesOf(shape, names)
        .map(size => size.text)
        .join(' × ');
}

/** Whole numbers with a thin space between the thousands. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}
