import {
  describeShape,
  formatBytes,
  formatCount,
  formatNumber,
  shortDtype
} from './format';

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1945, '1.9 KiB'],
  [150 * 1024, '150 KiB'],
  [3 * 1024 ** 3, '3.0 GiB'],
  [5000 * 1024 ** 4, '5000 TiB']
])('%i bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it.each([
  ['float32', 'f32'],
  ['float8_e4m3fn', 'f8_e4m3fn'],
  ['bfloat16', 'bf16'],
  ['int64', 'i64'],
  ['uint8', 'u8'],
  ['bool', 'bool'],
  ['complex64', 'c64'],
  ['qint8', 'qint8']
])('%s is written %s', (dtype, text) => {
  expect(shortDtype(dtype)).toBe(text);
});

it.each([
  [null, '–'],
  [0, '0'],
  [-3, '−3'],
  [0.123456, '0.1235'],
  [1234567, '1.23e+6'],
  [0.00001234, '1.23e−5'],
  [-0.00001234, '−1.23e−5'],
  ['NaN', 'NaN'],
  ['Infinity', '∞'],
  ['-Infinity', '−∞']
] as const)('the number %p is written %s', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

it('reads a shape out, also where sizes are unknown', () => {
  expect(describeShape([2, 5, 8])).toBe('2 × 5 × 8');
  expect(describeShape([])).toBe('scalar');
  expect(describeShape([null, 3])).toBe('? × 3');
  expect(describeShape(null)).toBe('?');
});

it('parts thousands with a thin space', () => {
  expect([999, 1000, 1234567].map(formatCount)).toEqual([
    '999',
    '1\u202f000',
    '1\u202f234\u202f567'
  ]);
});
