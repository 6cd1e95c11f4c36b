"""How an exported chat looks: the window's colours, light or dark as the reader's system is."""

from __future__ import annotations

PEOPLE = 10
"""Colours for names."""

STYLE = """
:root {
  color-scheme: light dark;
  --canvas: #fbfaf7; --ink: #1e2427; --muted: #586063; --line: #e3dfd6; --accent: #14736a;
  --theirs: #efece5; --mine: #d4ebe3; --mine-muted: #42615a; --quote: #00000010; --chip: #ffffff; --warn: #8a5a0b;
  --p0: #b0513a; --p1: #7d5d16; --p2: #4f7328; --p3: #277455; --p4: #1b6f77;
  --p5: #38699f; --p6: #585cb0; --p7: #8152a5; --p8: #a64a7f; --p9: #7d5346;
}
@media (prefers-color-scheme: dark) {
  :root {
    --canvas: #111517; --ink: #e9ecec; --muted: #a2acb1; --line: #2b3338; --accent: #62c7b1;
    --theirs: #22292d; --mine: #1c4741; --mine-muted: #9dc0b8; --quote: #ffffff12; --chip: #2a3237; --warn: #e5b567;
    --p0: #e59a86; --p1: #d3b165; --p2: #a5c97a; --p3: #7bcaa6; --p4: #74c6ce;
    --p5: #90bbea; --p6: #aeb1f2; --p7: #cba4e8; --p8: #eb9fc8; --p9: #d3a595;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--canvas); color: var(--ink); line-height: 1.45; font-size: 16px;
  font-family: system-ui, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, "Noto Color Emoji", sans-serif;
}
header, main, footer { max-width: 46rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 2rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .3rem; overflow-wrap: anywhere; }
header p, footer { color: var(--muted); font-size: .875rem; overflow-wrap: anywhere; }
header p { margin: 0; }
h2 {
  display: flex; align-items: center; gap: .75rem; margin: 2rem 0 1rem;
  color: var(--muted); font-size: .8125rem; font-weight: 600;
}
h2::before, h2::after { content: ""; flex: 1; border-top: 1px solid var(--line); }
article { width: fit-content; max-width: min(85%, 34rem); margin: .75rem auto 0 0; break-inside: avoid; }
article.mine { margin: .75rem 0 0 auto; }
article.again { margin-top: .2rem; }
.name { display: block; margin: 0 .875rem .15rem; font-size: .8125rem; font-weight: 600; overflow-wrap: anywhere; }
.bubble { background: var(--theirs); border-radius: .9rem; padding: .5rem .875rem; }
.mine .bubble { background: var(--mine); }
article:target .bubble { outline: 2px solid var(--accent); }
.text { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
.happening { color: var(--muted); margin: 6px 0; text-align: center; }
.gone { color: var(--muted); font-style: italic; }
.mine .gone, .mine .about, .mine details, .mine blockquote { color: var(--mine-muted); }
.about {
  display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 0 .5rem; margin-top: .15rem;
  color: var(--muted); font-size: .75rem; overflow-wrap: anywhere;
}
.failed { color: var(--warn); font-weight: 600; }
blockquote {
  margin: .1rem 0 .4rem; padding: .25rem .625rem; background: var(--quote);
  border-inline-start: 3px solid var(--accent); border-radius: .3rem; color: var(--muted); font-size: .875rem;
}
blockquote a { display: block; color: inherit; text-decoration: none; }
blockquote a:hover .said, blockquote a:focus .said { text-decoration: underline; }
blockquote .who { display: block; color: var(--accent); font-weight: 600; overflow-wrap: anywhere; }
.said {
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden;
  overflow-wrap: anywhere; unicode-bidi: isolate;
}
details { color: var(--muted); font-size: .8125rem; margin-top: .25rem; }
summary { cursor: pointer; width: fit-content; }
details ol { list-style: none; margin: .25rem 0 0; padding: 0; }
details li { border-top: 1px solid var(--quote); padding: .3rem 0; }
.marks { display: flex; flex-wrap: wrap; gap: .25rem; list-style: none; margin: .25rem .5rem 0; padding: 0; }
.mine .marks { justify-content: flex-end; }
.marks li {
  background: var(--chip); border: 1px solid var(--line); border-radius: 1rem; padding: .05rem .55rem;
  font-size: .8125rem; color: var(--muted); max-width: 100%; overflow-wrap: anywhere;
}
footer { padding-top: 2.5rem; padding-bottom: 2.5rem; }
@media print { body { font-size: 11pt; } .bubble, .marks li { border: 1px solid var(--line); } }
""" + "".join(f".p{number} {{ color: var(--p{number}); }}\n" for number in range(PEOPLE))
