"""How the page of an audit looks: light and dark, narrow and wide, on paper; nothing is fetched."""

from __future__ import annotations

import base64
import hashlib

CSS = """
:root { color-scheme: light dark; --ground: #fff; --panel: #f4f6f8; --ink: #1b2329; --quiet: #55616b; --rule: #d5dce2;
  --link: #0b5f75; --passed: #17653a; --noted: #7a5200; --failed: #a4161a; --idle: #55616b; }
@media (prefers-color-scheme: dark) { :root { --ground: #14191d; --panel: #1e252b; --ink: #e6ebef; --quiet: #a4b0ba;
  --rule: #36414a; --link: #7cc7dc; --passed: #7fd6a2; --noted: #f0c061; --failed: #ff9a95; --idle: #a4b0ba; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", Roboto,
  "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
header, main, footer { max-width: 56rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1.5rem; } header dl { margin-top: 1rem; }
footer { padding-bottom: 3rem; color: var(--quiet); font-size: 0.9rem; }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 0.75rem; }
h2 { font-size: 1.25rem; line-height: 1.25; margin: 0 0 0.25rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 0.25rem; }
p, ul, dl { margin: 0.4rem 0; }
ul { padding-left: 1.25rem; }
a { color: var(--link); }
code { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 0.88em; }
pre { background: var(--panel); border: 1px solid var(--rule); border-radius: 6px; padding: 0.6rem 0.8rem;
  white-space: pre-wrap; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: 0.5rem; background: var(--ground); }
.quiet { color: var(--quiet); }
.outcome { border: 1px solid var(--rule); border-left: 6px solid var(--tone); border-radius: 6px;
  background: var(--panel); padding: 0.9rem 1.1rem; }
.outcome .headline { font-size: 1.2rem; font-weight: 650; margin: 0 0 0.3rem; color: var(--tone); }
.passed { --tone: var(--passed); } .noted, .low, .note { --tone: var(--noted); }
.failed, .high, .medium { --tone: var(--failed); } .idle { --tone: var(--idle); } .note { --tone: var(--idle); }
.badge { display: inline-block; border: 1.5px solid var(--tone, var(--idle)); color: var(--tone, var(--idle));
  border-radius: 4px; padding: 0 0.4rem; font-size: 0.82rem; font-weight: 650; white-space: nowrap; }
.high > .badge { background: var(--tone); color: var(--ground); }
main > section { border-top: 1px solid var(--rule); margin-top: 1.75rem; padding-top: 1.25rem; }
.finding { border-left: 4px solid var(--tone); padding: 0.1rem 0 0.1rem 0.8rem; margin: 0.7rem 0; }
.finding p { margin: 0.2rem 0; } .finding code { display: inline-block; }
.limits { border: 1px dashed var(--idle); border-radius: 6px; padding: 0.9rem 1.1rem 0.6rem; }
.wide { overflow-x: auto; margin: 0.6rem 0; }
.wide:focus-visible, a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; font-size: 0.92rem; font-variant-numeric: tabular-nums; overflow-wrap: normal;
  min-width: min(100%, 28rem); }
caption { text-align: left; font-weight: 600; padding-bottom: 0.2rem; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.9rem 0.25rem 0;
  border-bottom: 1px solid var(--rule); }
thead th { color: var(--quiet); font-weight: 600; } tbody th { font-weight: 500; }
.number { text-align: right; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: 0.1rem 1rem; }
dt { color: var(--quiet); } dd { margin: 0; }
figure { margin: 0.8rem 0; max-width: 34rem; } figcaption { font-weight: 600; font-size: 0.92rem; }
svg { width: 100%; height: auto; display: block; }
svg text { font: 13px system-ui, "DejaVu Sans", sans-serif; fill: var(--ink); }
.axis { stroke: var(--quiet); stroke-width: 1; } .grid { stroke: var(--rule); stroke-width: 1; }
.line { fill: none; stroke: var(--curve); stroke-width: 2; } .dot { fill: var(--curve); }
.style-0 { --curve: #0072b2; } .style-1 { --curve: #d55e00; stroke-dasharray: 7 4; }
.style-2 { --curve: #009e73; stroke-dasharray: 2 3; } .style-3 { --curve: #cc79a7; stroke-dasharray: 9 3 2 3; }
.style-4 { --curve: #b8860b; stroke-dasharray: 12 5; } .style-5 { --curve: #56799b; stroke-dasharray: 1 5; }
@media (prefers-color-scheme: dark) { .style-0 { --curve: #56b4e9; } .style-1 { --curve: #ff9f5c; }
  .style-2 { --curve: #3fd0a4; } .style-4 { --curve: #e3c04b; } .style-5 { --curve: #9db7d0; } }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: 0.4rem; } }
@media print { .style-0 { --curve: #0072b2; } .style-1 { --curve: #d55e00; } .style-2 { --curve: #009e73; }
  .style-4 { --curve: #b8860b; } .style-5 { --curve: #56799b; }
  :root { color-scheme: light; --ground: #fff; --panel: #fff; --ink: #000; --quiet: #444; --rule: #bbb;
  --link: #000; --passed: #17653a; --noted: #7a5200; --failed: #a4161a; --idle: #444; }
  body { font-size: 10.5pt; } header, main, footer { max-width: none; padding: 0; } .skip { display: none; }
  .wide { overflow: visible; } table { font-size: 8.5pt; overflow-wrap: anywhere; }
  .finding, figure, tr, .outcome { break-inside: avoid; } h2, h3, caption { break-after: avoid; }
  @page { margin: 16mm; } }
"""

POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; "
    f"style-src 'sha256-{base64.b64encode(hashlib.sha256(CSS.encode()).digest()).decode()}'"
)
"""What a browser allows the page: this one style, and nothing else."""
