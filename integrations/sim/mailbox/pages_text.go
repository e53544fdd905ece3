package mailbox

// framed stands before a mail's own HTML. Links open in a tab of their own. A mail is shown as on paper, whatever the
// theme: its own colours are made for that, and the first of such elements counts.
const framed = `<!doctype html><meta name="color-scheme" content="only light"><base target="_blank">`

// pagesText: scripts in a mail never run. The pages' own links are relative, because the mailbox may stand below a
// path.
const pagesText = `
{{define "head"}}<!doctype html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{.Title}}</title>
<link rel="icon" href="data:,">
<style>:root{color-scheme:light dark;--ground:#f6f7f6;--paper:#fff;--ink:#17211f;--soft:#52605c;--line:#d8dedb;--link:#0b5750}
@media (prefers-color-scheme:dark){:root{--ground:#101514;--paper:#182020;--ink:#e7eeec;--soft:#a6b4b0;--line:#2d3937;--link:#83dbd0}}
*{box-sizing:border-box}body{font:16px/1.55 system-ui,sans-serif;max-width:48rem;margin:0 auto;padding:1.5rem 1rem 3rem;background:var(--ground);color:var(--ink)}
h1{font-size:1.5rem;line-height:1.3;margin:0 0 1rem;overflow-wrap:anywhere}h2{font-size:1.125rem;margin:1.5rem 0 .5rem}a{color:var(--link)}
ul,dl,pre,.none{background:var(--paper);border:1px solid var(--line);border-radius:10px;margin:0;padding:1rem 1.25rem}
ul{list-style:none;padding:.25rem 1.25rem}li{padding:.75rem 0;overflow-wrap:anywhere}li+li{border-top:1px solid var(--line)}
li span,dt{color:var(--soft);font-size:.875rem}dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1.25rem}dt,dd{margin:0;overflow-wrap:anywhere}
pre{font:inherit;white-space:pre-wrap;overflow-wrap:anywhere}iframe{width:100%;height:42rem;border:1px solid var(--line);border-radius:10px;background:#fff;color-scheme:only light}
.top{display:flex;justify-content:space-between;gap:1rem;margin:0 0 .75rem}.top p{margin:0}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}</style></head><body>{{end}}

{{define "list"}}{{template "head" .}}<main><div class="top"><h1>{{.Title}}</h1>{{template "other" .}}</div>
{{if .List}}<ul>{{range .List}}<li><a href="mails/{{.N}}">{{$.Subject .}}</a><br>
<span>{{.To}} · <time datetime="{{.At.Format "2006-01-02T15:04:05Z07:00"}}">{{$.Time .}}</time></span></li>{{end}}</ul>
{{else}}<p class="none">{{.In "メールはまだ届いていません。" "No mail has arrived yet."}}</p>{{end}}</main></body></html>{{end}}

{{define "mail"}}{{template "head" .}}{{with .Mail}}<main><div class="top"><p><a href="../">{{$.In "← メール一覧" "← All mails"}}</a></p>{{template "other" $}}</div><h1>{{$.Title}}</h1>
<dl><dt>{{$.In "宛先" "To"}}</dt><dd>{{.To}}</dd><dt>{{$.In "差出人" "From"}}</dt><dd>{{.From}}</dd><dt>{{$.In "受信日時" "Arrived"}}</dt><dd>{{$.Time .}}</dd></dl>
{{with .HTML}}<h2>{{$.In "HTMLで表示" "As HTML"}}</h2><iframe title="{{$.In "HTMLで表示したメール" "The mail as HTML"}}" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="{{$.Framed .}}"></iframe>{{end}}
{{with .Text}}<h2>{{$.In "テキストで表示" "As text"}}</h2><pre>{{.}}</pre>{{end}}</main>{{end}}</body></html>{{end}}

{{define "other"}}<p>{{if eq .Lang "ja"}}<a href="?lang=en" lang="en" hreflang="en">English</a>{{else}}<a href="?lang=ja" lang="ja" hreflang="ja">日本語</a>{{end}}</p>{{end}}
`
