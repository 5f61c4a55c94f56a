/** The look of the page, in light and in dark. */
export const pageStyle = `
:root { color-scheme: light dark; --good: #1a7f37; --bad: #c3321f; --faint: #77777733; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1, h2, h3, h4, h5 { line-height: 1.2; margin: 1.2em 0 0.4em; }
h5 { font-size: 1em; font-weight: 600; margin-left: 1rem; }
header, section { border-left: 0.4rem solid var(--good); padding: 0.2rem 1rem; margin: 1.5rem 0; }
header.failed, section.failed { border-color: var(--bad); }
h2 span { font-size: 0.7em; font-weight: normal; color: var(--good); }
section.failed h2 span { color: var(--bad); }
article { border: 1px solid var(--bad); border-radius: 0.4rem; padding: 0 1rem; margin: 0.8rem 0; }
article h4 { margin-top: 0.8rem; }
.step { margin-left: 1rem; font-style: italic; }
pre { background: var(--faint); padding: 0.6rem; overflow-x: auto; white-space: pre-wrap; }
table { border-collapse: collapse; }
td, th { padding: 0.2rem 0.8rem 0.2rem 0; text-align: left; }
ul { list-style: none; padding-left: 2rem; margin: 0; }
li::before { display: inline-block; width: 1.4rem; margin-left: -1.4rem; }
li.passed::before { content: "✓"; color: var(--good); }
li.failed::before { content: "✗"; color: var(--bad); }
li.skipped::before { content: "–"; }
small { opacity: 0.75; }
code { overflow-wrap: anywhere; }
`;
