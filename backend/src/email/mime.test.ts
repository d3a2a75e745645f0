import { expect, test } from '@jest/globals';
import { Invalid } from '../http/problems.ts';
import { mimeOf } from './mime.ts';
import { checkedContent, headerName } from './send-input.ts';

const content = { subject: 'Hello', html: '<p>Hello</p>' };

async function mimeFor(subject: string, name: string | null, html = '<p>x</p>', text = 'x'): Promise<string> {
  const mail = { senderName: 'Robin', to: { name, address: 'a@b.example' }, subject, html, text };
  return (await mimeOf(mail, 'rep@c.example')).toString('utf8');
}

const headersOf = (mime: string): readonly string[] =>
  mime
    .slice(0, mime.indexOf('\r\n\r\n'))
    .replace(/\r\n[ \t]/g, ' ')
    .split('\r\n');

test('a mail has each header once, plain text before HTML, CR LF everywhere, and names no machine', async () => {
  const mime = await mimeFor('Grüße an 株式会社 🎉 שלום', 'Zoë "The" O\'Hara, Ltd <x@y.example>');
  const names = headersOf(mime).map((header) => header.split(':')[0]);
  expect([...names].sort()).toEqual(['Content-Type', 'Date', 'From', 'MIME-Version', 'Message-ID', 'Subject', 'To']);
  expect(mime).not.toMatch(/(?<!\r)\n|\r(?!\n)/);
  expect(mime.indexOf('text/plain')).toBeLessThan(mime.indexOf('text/html'));
  expect(headersOf(mime).find((header) => header.startsWith('To:'))).toMatch(/ <a@b\.example>$/);
  expect(mime).toMatch(/^Message-ID: <[0-9a-f-]{36}@oneshot\.invalid>\r$/m);
  for (const line of mime.split('\r\n')) expect(line.length).toBeLessThan(999);

  expect(mime.slice(0, mime.indexOf('\r\n\r\n'))).toMatch(/^[\x20-\x7e\r\n\t]*$/);
});

test('a name with a line break adds no header', async () => {
  const name = headerName('Ana\r\nBcc: victim@d.example\r\n\r\nbody');
  expect(name).toBe('Ana Bcc: victim@d.example body');
  const mime = await mimeFor('x', name);
  expect(headersOf(mime).map((header) => header.split(':')[0])).not.toContain('Bcc');
  expect(headerName('\u0000\r\n')).toBeNull();
});

test.each(['x\r\nBcc: a@b.example', 'x\ny', 'x\ry', 'x\u0000y', 'x\u2028y', 'x\u0085y'])(
  'the subject %j is refused by name and rule',
  (subject) => {
    expect(() => checkedContent({ ...content, subject })).toThrow(Invalid);
    expect(problemOf({ ...content, subject })).toMatchObject({ field: 'subject', rule: 'single_line' });
  },
);

test('an empty subject, emoji and right-to-left are fine', () => {
  expect(checkedContent({ ...content, subject: '' }).subject).toBe('');
  expect(checkedContent({ ...content, subject: '\u200fשלום 👩‍👩‍👧' }).subject).toBe('\u200fשלום 👩‍👩‍👧');
});

test('half of a character is refused, and so is a mail without text', () => {
  expect(problemOf({ ...content, html: 'x\ud83d' })).toMatchObject({ field: 'html', rule: 'encoding' });
  for (const html of ['', '<p> </p>', '<script>x</script>', '<img src="https://t.example/p.gif">'])
    expect(problemOf({ ...content, html })).toMatchObject({ field: 'html', rule: 'empty' });
});

test('the text part is what was given, or is made of the HTML', () => {
  expect(checkedContent({ ...content, text: 'a\r\nb' }).text).toBe('a\nb');
  expect(checkedContent({ ...content, text: ' ' }).text).toBe('Hello');
});

function problemOf(given: Parameters<typeof checkedContent>[0]): unknown {
  try {
    checkedContent(given);
  } catch (error) {
    return error instanceof Invalid ? error.problem : error;
  }
  return undefined;
}
