import { colourVariables } from './theme';

/** The page's styles: one column of sections, cards that find their own number of columns, light and dark. */
export function pageStyles(): string {
  return `:root{color-scheme:light;${colourVariables(false)}}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${colourVariables(true)}}}
:root[data-theme=dark]{color-scheme:dark;${colourVariables(true)}}
${layout}${parts}${tables}${images}${print}`;
}

const layout = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;font-variant-numeric:tabular-nums}
main,header,footer{max-width:1180px;margin:0 auto;padding:0 clamp(16px,4vw,40px)}
header{display:flex;flex-wrap:wrap;gap:4px 24px;align-items:flex-start;padding-top:36px}
header div{flex:1 1 200px;min-width:0}
h1{font-size:clamp(1.5rem,1.1rem + 2vw,2.1rem);line-height:1.2;letter-spacing:-.015em;margin:0;overflow-wrap:anywhere}
h2{font-size:1.2rem;letter-spacing:-.01em;margin:0 0 4px}
h3{font-size:.95rem;font-weight:600;margin:0 0 6px}
p{margin:0 0 10px;max-width:72ch}
.subtitle{color:var(--soft);margin:6px 0 0;overflow-wrap:anywhere}
section{margin:44px 0 0}
footer{color:var(--soft);font-size:.85rem;padding-top:40px;padding-bottom:40px}
button{font:inherit;font-size:.85rem;color:var(--soft);background:none;border:1px solid var(--line);border-radius:999px;padding:5px 14px;cursor:pointer}
button:hover{color:var(--ink);border-color:var(--soft)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:6px}
nav{margin-top:20px}
nav ul{display:flex;flex-wrap:wrap;gap:2px 18px;list-style:none;margin:0;padding:0;font-size:.9rem}
a{color:var(--accent);text-underline-offset:3px}
nav a{text-decoration:none}nav a:hover{text-decoration:underline}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.note,small{color:var(--soft);font-size:.85rem}
`;

const parts = `
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:16px 18px}
.headline{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:28px 0 0}
.headline dt{color:var(--soft);font-size:.85rem}
.headline dd{margin:2px 0 0;font-size:1.7rem;line-height:1.2;font-weight:620;letter-spacing:-.02em;overflow-wrap:anywhere}
.headline dd.note{font-size:.82rem;font-weight:400;letter-spacing:0;line-height:1.35;margin-top:4px}
.good dd:not(.note),td.good,th.good{color:var(--good)}.bad dd:not(.note),td.bad,th.bad{color:var(--bad)}.caution dd:not(.note),td.caution,th.caution{color:var(--caution)}
.findings{margin:20px 0 0;padding-left:20px;max-width:78ch}
.findings li{margin:4px 0}
.warnings{border-left:4px solid var(--caution);padding:12px 18px;margin:20px 0 0;background:var(--card);border-radius:4px 12px 12px 4px}
.warnings h2{font-size:1rem;color:var(--caution)}
.warnings ul{margin:4px 0 0;padding-left:20px;overflow-wrap:anywhere}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,310px),1fr));gap:14px;margin-top:12px}
figure{margin:0;min-width:0}
figcaption{font-weight:600;font-size:.95rem;margin:0 0 8px}
figure svg{display:block;max-width:100%;height:auto;margin:0 auto;overflow:visible}
.legend svg{margin:0}
#map-points+.note{margin-top:10px}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,250px),1fr));gap:10px 24px;margin:12px 0}
.facts dt{color:var(--soft);font-size:.82rem}.facts dd{margin:0;overflow-wrap:anywhere}
pre{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:14px 18px;overflow:auto;font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;margin:12px 0 0}
summary{cursor:pointer;color:var(--accent);padding:4px 0}
`;

const tables = `
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:12px;margin:12px 0 8px}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th,td{padding:9px 14px;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
tbody tr:last-child>*{border-bottom:0}
thead th{color:var(--soft);font-weight:500;font-size:.85rem;vertical-align:bottom}
tbody th{font-weight:500}
.number{text-align:right;white-space:nowrap}
td small,th small{display:block;font-weight:400;white-space:normal;min-width:10ch}
.best strong{font-weight:680}
`;

const images = `
.tile{display:block;width:52px;height:52px;border-radius:6px;background-color:var(--grid);background-repeat:no-repeat}
.tiles{width:auto}
@media (min-width:1000px){.tiles .tile{width:66px;height:66px}.views .tile{width:76px;height:76px}.views .size-3{width:57px;height:57px}.views .size-2{width:38px;height:38px}.views .size-1{width:19px;height:19px}}
.tiles th,.tiles td{padding:6px;text-align:center;border:0}
.tiles thead th{padding:9px 6px 0}
.tiles tbody th{padding:6px 18px 6px 14px}
.tiles .tile{margin:0 auto}
.tiles thead th[colspan]{text-align:left}
.tiles small{line-height:1.3;margin-top:4px;min-width:0;font-size:.74rem;white-space:nowrap}
.tiles .other .tile{box-shadow:0 0 0 2px var(--bad)}
.views .tile{width:72px;height:72px}.views .size-3{width:54px;height:54px}.views .size-2{width:36px;height:36px}.views .size-1{width:18px;height:18px}
.views td{vertical-align:middle}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;list-style:none;padding:0;margin:0 0 8px;font-size:.85rem}
.legend li{display:flex;align-items:center;gap:6px}
.dot{width:10px;height:10px;flex:none}
#map-points{position:relative;touch-action:pan-y}
#map-points .mark-symbol path.active{stroke:var(--ink);stroke-width:2.5;opacity:1}
#tip{position:absolute;display:flex;gap:10px;align-items:center;max-width:260px;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:8px 12px 8px 8px;box-shadow:0 6px 24px #0003;font-size:.82rem;line-height:1.35;pointer-events:none;overflow-wrap:anywhere}
#tip[hidden]{display:none}
#tip .tile{width:64px;height:64px;flex:none}
`;

const print = `
@media (max-width:560px){th,td{padding:8px 10px}.card{padding:14px}.headline{grid-template-columns:repeat(2,minmax(0,1fr))}.headline dd{font-size:1.4rem}.tile{width:44px;height:44px}}
@media print{button,nav{display:none}section{break-inside:avoid}.scroll{overflow:visible}}
`;
