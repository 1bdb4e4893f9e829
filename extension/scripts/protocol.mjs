// Writes src/protocol.ts from torchenstein/protocol.json; with --check, only compares.
import { readFile, writeFile } from 'node:fs/promises';
import { compile } from 'json-schema-to-typescript';

const SCHEMA = 'torchenstein/protocol.json';
const TYPES = 'src/protocol.ts';

const schema = JSON.parse(await readFile(SCHEMA, 'utf8'));
const types = await compile(schema, 'InspectorReply', {
  additionalProperties: false,
  bannerComment: `// Generated from ${SCHEMA}: change that file, then run \`jlpm protocol\`.`,
  style: { singleQuote: true, trailingComma: 'none' },
  unreachableDefinitions: true
});

if (process.argv.includes('--check')) {
  const current = await readFile(TYPES, 'utf8').catch(() => '');
  if (current.replaceAll('\r\n', '\n') !== types) {
    console.error(`${TYPES} is not what ${SCHEMA} says. Run: jlpm protocol`);
    process.exit(1);
  }
} else {
  await writeFile(TYPES, types);
}
