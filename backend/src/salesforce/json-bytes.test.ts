import { expect, test } from '@jest/globals';
import { CrmInvalid } from './errors.ts';
import { emptyFields, JsonBytes, KIND, RecordShape } from './json-bytes.ts';

const shape = new RecordShape(
  new Map<string, number | ReadonlyMap<string, number>>([
    ['Id', 0],
    ['Name', 1],
    ['Owner', new Map([['Name', 2]])],
    ['Amount', 3],
  ]),
);

/** Each record's wanted values as JSON text, or undefined where there is none. */
function read(json: string): (string | undefined)[][] {
  const reader = new JsonBytes(Buffer.from(json));
  const fields = emptyFields(4);
  const records: (string | undefined)[][] = [];
  if (!reader.openArray()) return records;
  do {
    fields.kinds.fill(KIND.none);
    shape.read(reader, fields);
    records.push(
      [...fields.kinds].map((kind, index) =>
        kind === KIND.none ? undefined : reader.bytes.toString('utf8', fields.starts[index], fields.ends[index]),
      ),
    );
  } while (reader.nextElement());
  return records;
}

test('wanted values are found wherever they stand, and nothing else is', () => {
  const records = [
    {
      attributes: { type: 'Account', Id: 'not this', deep: [{ Name: 'nor this' }] },
      Id: 'a',
      Name: 'A "x" \\',
      Owner: { Name: 'O' },
      Amount: -1.5e3,
    },
    { Name: null, Id: 'ü株😀', Other: [1, [2], {}], Owner: null, Amount: true },
    {},
    { Owner: { attributes: { Name: 'no' }, Name: '' }, Amount: { Id: 'no' } },
    { Owner: 'a text', 'I\\d': 1, Id: 'last' },
  ];
  const expected = records.map((record) =>
    [record.Id, record.Name, typeof record.Owner === 'object' ? record.Owner?.Name : undefined, record.Amount].map(
      (value) => (value === undefined ? undefined : JSON.stringify(value)),
    ),
  );
  expect(read(JSON.stringify(records))).toEqual(expected);
  expect(read(JSON.stringify(records, undefined, '\t\r\n '))).toEqual(
    read(JSON.stringify(records)).map((row, index) => (index === 3 ? [...row.slice(0, 3), expect.any(String)] : row)),
  );
});

test('texts are told apart by what it takes to read them', () => {
  const reader = new JsonBytes(Buffer.from('["plain","ü","a\\n",12,null,[],false]'));
  const fields = emptyFields(1);
  const seen: [number | undefined, number | undefined][] = [];
  reader.openArray();
  do {
    reader.into(fields, 0);
    seen.push([fields.kinds[0], fields.isAscii[0]]);
  } while (reader.nextElement());
  expect(seen).toEqual([
    [KIND.text, 1],
    [KIND.text, 0],
    [KIND.escapedText, 1],
    [KIND.number, 1],
    [KIND.null, 1],
    [KIND.other, 1],
    [KIND.other, 1],
  ]);
});

const whole = '[{"Id":"a","Owner":{"Name":"x"},"Amount":12,"X":[{"y":"}"}]},{"Id":"b"}]';

test('a page that is cut at any place is refused', () => {
  expect(read(whole)).toHaveLength(2);
  for (let length = 0; length < whole.length; length += 1) {
    expect(() => read(whole.slice(0, length))).toThrow(CrmInvalid);
  }
});

test.each([
  '{}',
  '"text"',
  '[1]',
  '[{"Id" "a"}]',
  '[{"Id":}]',
  '[{"Id":"a",}]',
  '[{Id:"a"}]',
  '[{"Id":nul}]',
  '[{"Id":truthy}]',
  '[{"Id":NaN}]',
  '[{"Id":"a\nb"}]',
  '[{"Id":"a"} {"Id":"b"}]',
  '<html>',
])('%j is refused', (json) => {
  expect(() => read(json)).toThrow(CrmInvalid);
});
