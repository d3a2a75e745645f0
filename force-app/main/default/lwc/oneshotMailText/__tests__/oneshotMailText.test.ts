import { escapeHtml, isDesigned, personalise, toHtml, toText, withOpening } from 'c/oneshotMailText';

test.each([
  ['<p>Dear Ana,</p><p>how are you?</p>', 'Dear Ana,\n\nhow are you?'],
  ['Dear Ana,<br>how are you?', 'Dear Ana,\nhow are you?'],
  ['<ul><li>one</li><li>two</li></ul>', '- one\n\n- two'],
  ['<style>p { color: red }</style><p>a &amp; b</p>', 'a & b'],
  ['<p>&nbsp;</p>', ''],
  ['', ''],
])('%j reads %j', (html, text) => {
  expect(toText(html)).toBe(text);
});

test('text becomes paragraphs, and what looks like markup stays text', () => {
  expect(toHtml('Dear Ana,\r\n\r\na <b> & "c"\nd')).toBe('<p>Dear Ana,</p><p>a &lt;b&gt; &amp; &quot;c&quot;<br>d</p>');
});

test('text comes back from HTML as it was', () => {
  const text = "Dear Ana,\n\na < b & 'c'\nd\n\nمرحبا 🙂";
  expect(toText(toHtml(text))).toBe(text);
});

test('reading HTML runs nothing', () => {
  const ran = jest.fn();
  Object.assign(window, { ran });
  expect(toText('<img src="x" onerror="ran()"><script>ran()</script>a')).toBe('a');
  expect(ran).not.toHaveBeenCalled();
});

test.each([
  ['<table><tr><td>x</td></tr></table>', true],
  ['<p style="color: red">x</p>', true],
  ['<div bgcolor="#fff">x</div>', true],
  ['<p>x <img src="https://a.example/x.png"></p>', true],
  ['<p>Dear <b>Ana</b>,<br>see <a href="https://a.example/?style=1">this</a></p>', false],
  ['<ul><li>x</li></ul>', false],
])('an editor would break the layout of %j: %p', (html, expected) => {
  expect(isDesigned(html)).toBe(expected);
});

test('the opening line stands before the template, inside its body', () => {
  expect(withOpening('<table></table>', 'Dear Ana')).toBe('<p>Dear Ana</p><table></table>');
  expect(withOpening('<html><body class="x"><table></table></body></html>', 'a < b')).toBe(
    '<html><body class="x"><p>a &lt; b</p><table></table></body></html>',
  );
  expect(withOpening('<table></table>', ' ')).toBe('<table></table>');
});

test('names are filled in, escaped in HTML, plain in a subject', () => {
  const names = { contact: 'Ana $& Ruiz', account: '<Acme>' };
  expect(personalise('{!Contact.Name} of {!Account.Name}', names, true)).toBe('Ana $&amp; Ruiz of &lt;Acme&gt;');
  expect(personalise('{!Contact.Name} of {!Account.Name}', names, false)).toBe('Ana $& Ruiz of <Acme>');
  expect(escapeHtml(`'"`)).toBe('&#39;&quot;');
});
