/** For a screen, light or dark, down to a telephone's; and for A4 and Letter. */
export const HTML_STYLE = `
:root { color-scheme: light dark; --ink: #1a1a1a; --dim: #555; --rule: #bbb; --paper: #fff; --band: #f2f4f6;
  --good: #1b6b33; --bad: #a4161a; --unknown: #7a5200; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e8; --dim: #aaa; --rule: #555; --paper: #16181b; --band: #22262b;
    --good: #7fd89a; --bad: #ff9b9b; --unknown: #f0c674; }
}
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.4 "Noto Sans", "Liberation Sans", Arial, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem; }
h1 { font-size: 1.7rem; margin: 0; }
header p { margin: .2rem 0 1rem; font-size: 1.1rem; color: var(--dim); }
h2 { font-size: 1.15rem; margin: 1.8rem 0 .5rem; border-bottom: 2px solid var(--ink); padding-bottom: .15rem;
  break-after: avoid; }
p { margin: .4rem 0; }
.wide { overflow-x: auto; margin: .5rem 0 1rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: var(--dim); font-size: .9em; padding: .2rem 0; }
th, td { text-align: left; vertical-align: top; padding: .28rem .5rem .28rem 0; border-bottom: 1px solid var(--rule);
  font-weight: normal; overflow-wrap: anywhere; }
thead th { font-weight: bold; border-bottom: 2px solid var(--rule); overflow-wrap: normal; }
.wide table { min-width: 34rem; }
.facts th { width: 30%; color: var(--dim); }
.group th { font-weight: bold; background: var(--band); padding-left: .3rem; }
.number { text-align: right; padding-right: 1rem; font-variant-numeric: tabular-nums; }
[data-tone=good] { color: var(--good); }
[data-tone=bad] { color: var(--bad); font-weight: bold; }
[data-tone=unknown] { color: var(--unknown); }
.blanks p { display: flex; align-items: flex-end; gap: .6rem; min-height: calc(var(--lines) * 1.9rem); margin: .3rem 0; }
.blanks span:first-child { flex: 0 0 14rem; align-self: flex-start; }
.blanks .line { flex: 1; align-self: stretch; min-height: 1.4rem;
  background: repeating-linear-gradient(to bottom, transparent 0 calc(1.9rem - 1px), var(--dim) calc(1.9rem - 1px) 1.9rem);
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.choices { display: flex; gap: .6rem; margin: .5rem 0; break-inside: avoid; }
.choices p { flex: 0 0 14rem; margin: 0; }
.choices ul { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; margin: 0; padding: 0; }
.labels { display: grid; grid-template-columns: repeat(3, 1fr); gap: 3mm; margin: .8rem 0; }
.label { border: 1px solid var(--dim); padding: 3mm; min-height: 28mm; break-inside: avoid; overflow-wrap: anywhere; }
.label > * { display: block; }
.label b { font-size: 20pt; line-height: 1.15; }
.label strong { font-size: 11pt; }
.signature { display: grid; grid-template-columns: 3fr 3fr 1.5fr; gap: 1.5rem; margin-top: 3.2rem; break-inside: avoid; }
.signature span { border-top: 1px solid var(--ink); padding-top: .2rem; font-size: .85rem; color: var(--dim); }
footer { max-width: 60rem; margin: 0 auto; padding: 1rem; color: var(--dim); font-size: .85rem; }
@media screen and (max-width: 30rem) { .labels { grid-template-columns: 1fr; } }
@media (max-width: 30rem) { .blanks p, .choices { display: block; } .blanks .line { display: block; } }
@page { margin: 18mm 15mm; @bottom-right { content: counter(page) " / " counter(pages); font: 9px sans-serif; } }
@media print {
  :root { --ink: #000; --dim: #444; --rule: #999; --paper: #fff; --band: #eee; --good: #14532d; --bad: #8b0000;
    --unknown: #5c3d00; }
  body { font-size: 9.5pt; }
  main, footer { max-width: none; padding: 0; }
  .wide { overflow: visible; }
  .wide table { min-width: 0; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  .group { break-after: avoid; }
}
`;
