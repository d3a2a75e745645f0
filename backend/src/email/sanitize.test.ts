import { describe, expect, test } from '@jest/globals';
import { htmlOfText, plainText, sanitizeMail } from './sanitize.ts';

describe('sanitised HTML', () => {
  test.each<[string, string]>([
    ['<p>Hello <b>Ana</b></p>', '<p>Hello <b>Ana</b></p>'],
    ['<a href="https://a.example/?b=1&amp;c=2">x</a>', '<a href="https://a.example/?b=1&amp;c=2">x</a>'],
    ['<a href="mailto:a@b.example">x</a>', '<a href="mailto:a@b.example">x</a>'],
    ['<p dir="rtl">שלום 🎉</p>', '<p dir="rtl">שלום 🎉</p>'],
    ['<p style="color:#ff0000;text-align:center">x</p>', '<p style="color:#ff0000;text-align:center">x</p>'],
    [
      '<table width="600"><tr><td colspan="2" bgcolor="#eee">x</td></tr></table>',
      '<table width="600"><tr><td colspan="2" bgcolor="#eee">x</td></tr></table>',
    ],
    ['1 < 2 &amp; 3 > 2', '1 &lt; 2 &amp; 3 &gt; 2'],
  ])('keeps %s', (html, wanted) => expect(sanitizeMail(html)).toBe(wanted));

  const EVIL = [
    '<script>alert(1)</script>',
    '<scr<script>ipt>alert(1)</scr</script>ipt>',
    '<img src="https://track.example/p.gif" alt="x">',
    '<img src=x onerror=alert(1)>',
    '<p onclick="alert(1)" onmouseover=alert(1)>x</p>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java&#10;script:alert(1)">x</a>',
    '<a href=" &#14; javascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="//evil.example">x</a>',
    '<a href="vbscript:x">x</a>',
    '<iframe src="https://evil.example"></iframe>',
    '<object data="https://evil.example"></object><embed src="https://evil.example">',
    '<form action="https://evil.example"><input name="a"><button>x</button></form>',
    '<style>@import url(https://evil.example/x.css); p { background: url(https://evil.example) }</style>',
    '<link rel="stylesheet" href="https://evil.example/x.css">',
    '<p style="background-image:url(https://evil.example/x)">x</p>',
    '<p style="background:url(https://evil.example/x);color:red">x</p>',
    '<p style="color:expression(alert(1))">x</p>',
    '<p style="font-family:x;}body{background:url(https://evil.example)">x</p>',
    '<p style="border:1px solid url(https://evil.example)">x</p>',
    '<p style="width:calc(100px + url(https://evil.example))">x</p>',
    '<p style="position:fixed;top:0;left:0;width:100%">x</p>',
    '<table background="https://evil.example/x.gif"><tr><td background="https://evil.example/x">x</td></tr></table>',
    '<svg><a xlink:href="javascript:alert(1)">x</a><script>alert(1)</script></svg>',
    '<math><mtext><script>alert(1)</script></mtext></math>',
    '<base href="https://evil.example"><meta http-equiv="refresh" content="0;url=https://evil.example">',
    '<video src="https://evil.example/x"><source src="https://evil.example/x"></video>',
    '<!--[if mso]><img src="https://evil.example"><![endif]-->',
    '<noscript><img src="https://evil.example"></noscript>',
    '<template><script>alert(1)</script></template>',
    '<xmp><script>alert(1)</script></xmp>',
    '<title><script>alert(1)</script></title>',
  ];

  test.each(EVIL)('leaves nothing of %s that runs, is fetched, or covers the page', (html) => {
    const clean = sanitizeMail(html);
    expect(clean).not.toMatch(
      /<(?:script|img|iframe|object|embed|form|input|button|style|link|svg|math|base|meta|video|source|template|title)\b/i,
    );
    expect(clean).not.toMatch(
      /<[^>]*(?:\son\w+\s*=|javascript:|vbscript:|data:|url\(|expression\(|position:|background=|evil\.example|track\.example)/i,
    );
  });

  test('is the same when it is sanitised again', () => {
    for (const html of EVIL) expect(sanitizeMail(sanitizeMail(html))).toBe(sanitizeMail(html));
  });

  test('of a deep or large input comes to an end', () => {
    expect(sanitizeMail('<div>'.repeat(20_000)).length).toBeLessThan(5_000);
    expect(plainText(sanitizeMail(`${'<b>'.repeat(5_000)}x`))).toBe('x');
  });
});

test('plain text keeps lines, lists and where links lead', () => {
  const html = '<p>Dear Ana,</p><ul><li>one</li><li>two</li></ul><p><a href="https://a.example">look</a></p>';
  expect(plainText(html)).toBe('Dear Ana,\n\n * one\n * two\n\nlook [https://a.example]');
});

test('plain text becomes paragraphs and line breaks, and stays text', () => {
  expect(htmlOfText('a\nb\r\n\r\n<c> & "d"')).toBe('<p>a<br />b</p><p>&lt;c&gt; &amp; &quot;d&quot;</p>');
});
