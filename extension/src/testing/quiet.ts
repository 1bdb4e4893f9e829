/** Warnings of libraries at their own work; nothing that we do could end them. */
const THEIRS = [
  'Clipboard API not available',
  'Invalid access: Add Yjs type to a document before reading data.',
  '[yjs#509]'
];

const warn = console.warn;

console.warn = (...said: unknown[]) => {
  const text = said.map(String).join(' ');
  if (!THEIRS.some(line => text.includes(line))) {
    warn(...said);
  }
};
