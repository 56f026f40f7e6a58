import { leastWidth } from "./svg.ts";

/** Light, and dark where the reader's system is. Text on a bar has a contrast of 4.5 or more. */
export const css = `
:root { color-scheme: light dark; --back: #ffffff; --text: #1b1f24; --faint: #57606a; --line: #d0d7de;
  --good: #bfe5c8; --calm: #dbe4ee; --bad: #ffc9c2; --unknown: #f0f1f3; --warn: #9a6700; --error: #b42318; --info: #3b6ea5; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14171a; --text: #e6e9ec; --faint: #9aa4af; --line: #3a424a;
    --good: #1f5a31; --calm: #2c3844; --bad: #7a2a22; --unknown: #202428; --warn: #d9a33c; --error: #ff8a7a; --info: #7fb2e8; }
}
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 12px 16px 40px; }
h1 { font-size: 22px; } h2 { font-size: 18px; margin: 0 0 4px; }
section { border-top: 1px solid var(--line); margin-top: 24px; padding-top: 18px; }
p, dd, td, h2 { overflow-wrap: anywhere; }
a { color: inherit; }
time, td:first-child { font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 14px; margin: 12px 0; }
dt { color: var(--faint); } dd { margin: 0; } dd ul { margin: 2px 0; padding-left: 20px; }
.note { color: var(--faint); font-size: 13px; }
.picture, .table { overflow-x: auto; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
legend { float: left; padding: 2px 10px 0 0; } legend, label { color: var(--faint); font-size: 13px; } label { margin-right: 10px; }
.beside { display: flex; margin-top: 8px; } .picture { flex: 1; min-width: 0; }
.names { flex: none; }
.incident { --zoom: 1; display: block; overflow: visible; width: calc(var(--zoom) * (100% - 16px)); min-width: calc(var(--zoom) * ${leastWidth}px); margin: 0 8px; }
.zoom3:checked ~ .beside .incident { --zoom: 3; } .zoom10:checked ~ .beside .incident { --zoom: 10; }
.at3, .at10, .from3, .from10 { display: none; }
.zoom3:checked ~ .beside :is(.at3, .from3), .zoom10:checked ~ .beside :is(.at10, .from3, .from10) { display: inline; }
:is(.zoom3, .zoom10):checked ~ .beside .at1 { display: none; }
svg { font: 12px system-ui, sans-serif; }
svg text { fill: var(--text); } svg .node { font-weight: 600; font-size: 14px; } svg .row, svg .time { fill: var(--faint); }
.axis, .tick { stroke: var(--line); } .tick { stroke-dasharray: 2 3; }
.good rect { fill: var(--good); } .calm rect { fill: var(--calm); } .bad rect { fill: var(--bad); } .unknown rect { fill: var(--unknown); }
rect { stroke: var(--back); }
.point { fill: var(--info); stroke: var(--back); stroke-width: 1.5; }
.point.warn { fill: var(--warn); } .point.error { fill: var(--error); }
a:hover .point, a:focus .point { stroke: var(--text); }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; vertical-align: top; padding: 3px 10px 3px 0; border-bottom: 1px solid var(--line); }
th, td:nth-child(-n + 3) { white-space: nowrap; }
@media (max-width: 600px) { .names { width: 88px; } th:nth-child(3), td:nth-child(3) { display: none; } }
tr.warn td:last-child { border-left: 3px solid var(--warn); padding-left: 8px; }
tr.error td:last-child { border-left: 3px solid var(--error); padding-left: 8px; }
tr:target { background: var(--calm); }
@media print { .picture, .table { overflow: visible; } }
`;
