// What the accessibility checker goes by on this page, as keys: one of the document's shape, and one of each place with
// letters. Two pages of one shape, and two places of one key, cannot get different answers, so that one of them is enough.
(() => {
	const view = innerWidth, all = [...document.querySelectorAll("*")], texts = [];
	const hash = text => { // cyrb53, 53 bits
		let a = 0xdeadbeef, b = 0x41c6ce57;
		for (let i = 0; i < text.length; i++) { const c = text.charCodeAt(i);
			a = Math.imul(a ^ c, 2654435761); b = Math.imul(b ^ c, 1597334677); }
		a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
		b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
		return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36);
	};
	const memo = make => { const made = new Map(); return e => { if (!made.has(e)) made.set(e, make(e)); return made.get(e); }; };
	const style = memo(e => getComputedStyle(e)), box = memo(e => e.getBoundingClientRect());
	const off = e => [e.disabled === true || e.matches(":disabled"), e.getAttribute("aria-disabled")].join();

	// Of a text it matters whether there is one, of what kind it is, and which others are the same: not what it says.
	const kind = text => [/[\p{L}\p{N}]/u.test(text), /[\p{Extended_Pictographic}\p{Co}]/u.test(text), [...text].length === 1].map(Number).join("");
	const first = new Map();
	const numbered = text => {
		text = text.trim().replace(/\s+/g, " ");
		if (!first.has(text)) first.set(text, first.size);
		return text && kind(text) + "#" + first.get(text);
	};
	const worded = new Set(["aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "title", "alt", "placeholder",
		"value", "summary", "label", "href", "src", "srcset", "action", "formaction", "datetime"]);
	const attribute = (e, {name, value}) => {
		if (name === "nonce" || name === "integrity" || name.startsWith("data-")) return "";
		if (name === "lang" && ["ja", "en"].includes(value)) return "lang";
		if (name === "content" && !e.httpEquiv && e.name !== "viewport") return name + numbered(value);
		return name + "=" + (worded.has(name) && !value.startsWith("#") ? numbered(value) : JSON.stringify(value));
	};
	const letters = e => { const range = document.createRange(), found = [];
		for (const n of e.childNodes) if (n.nodeType === Node.TEXT_NODE && n.data.trim()) { range.selectNodeContents(n); found.push(...range.getClientRects()); }
		return found.length ? found : [...e.getClientRects()]; };
	const within = (r, p, slack) => r.left >= p.left - slack && r.right <= p.right + slack && r.top >= p.top - slack && r.bottom <= p.bottom + slack;
	// What scrolls or is cut off, by how much, and whether any of its letters are.
	const beyond = (e, s) => {
		if (s.overflowX + s.overflowY === "visiblevisible") return "";
		const by = [e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight].map(n => Math.min(n, 40));
		return by.some(n => n > 0) ? [...by, [...e.querySelectorAll("*")].some(c => letters(c).some(r => !within(r, box(e), 0)))] : by;
	};
	const seen = (e, s, b) => [e.checkVisibility({opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true}), s.display,
		s.visibility, s.opacity === "0", s.position, s.overflowX, s.overflowY, s.clip, s.clipPath, s.contentVisibility, beyond(e, s),
		b.width < 2, b.height < 2, b.right <= 0, b.bottom <= 0, b.left >= view];
	// The words themselves matter where something is named otherwise than it reads, and where a table is guessed at.
	const named = "a, button, summary, input, select, textarea, option, [role], [tabindex]";
	const verbatim = e => {
		if (e.localName === "table" && !e.querySelector("th, caption")) return [view, matchMedia("(prefers-color-scheme: dark)").matches, e.outerHTML];
		if (!e.matches(named) || !(e.hasAttribute("aria-label") || e.hasAttribute("aria-labelledby"))) return "";
		const by = (e.getAttribute("aria-labelledby") || "").split(/\s+/).map(id => document.getElementById(id)?.textContent);
		return [e.textContent, e.value, e.getAttribute("aria-label"), ...by];
	};
	const state = e => [off(e), e.checked, e.indeterminate, e.selected, e.open, e.options?.length, numbered(String(e.value ?? "")), !!e.shadowRoot];
	const shape = node => {
		if (node.nodeType === Node.TEXT_NODE) return numbered(node.data);
		if (node.nodeType !== Node.ELEMENT_NODE) return "";
		const e = node, quiet = ["script", "style"].includes(e.localName);
		return `<${e.localName} ${[...e.attributes].map(a => attribute(e, a)).sort().join(" ")} ${JSON.stringify([seen(e, style(e), box(e)), state(e), verbatim(e)])}>` +
			(quiet ? "" : [...e.childNodes].map(shape).join("")) + "</>";
	};

	// How an element is painted, with everything that it is in.
	const labelled = new Map();
	for (const e of document.querySelectorAll("[aria-labelledby]"))
		for (const id of e.getAttribute("aria-labelledby").split(/\s+/)) labelled.set(id, (labelled.get(id) || "") + off(e) + ";");
	const pseudo = (e, which) => { const s = getComputedStyle(e, which);
		if (s.content === "none" || s.content === "normal") return "";
		return [s.content, s.backgroundColor, s.backgroundImage, s.display, s.position, s.width, s.height, box(e).width, box(e).height].join(); };
	const paint = memo(e => { const s = style(e);
		return hash([e.parentElement ? paint(e.parentElement) : "", e.localName, e.type, e.getAttribute("role"), e.inert, off(e), e.control ? off(e.control) : "", labelled.get(e.id),
			s.color, s.backgroundColor, s.backgroundImage, s.backgroundClip, s.backgroundSize, s.backgroundPosition, s.opacity, s.filter, s.mixBlendMode, s.position, s.zIndex, s.float, s.transform,
			s.overflowX, s.overflowY, s.clip, s.clipPath, s.visibility, s.display, s.fontSize, s.fontWeight, s.fontStyle, s.fontFamily, s.textShadow, s.textIndent, s.webkitTextStroke,
			s.webkitTextFillColor, s.textDecoration, s.borderTop, s.borderBottom, s.outline, s.boxShadow, pseudo(e, "::before"), pseudo(e, "::after")].join("|"));
	});
	const shown = memo(e => e.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true}));
	const clear = color => color === "transparent" || /, 0\)$|\/ 0\)$/.test(color);
	const paints = all.filter(e => { if (!shown(e)) return false; const s = style(e);
		return !clear(s.backgroundColor) || s.backgroundImage !== "none" || s.position !== "static" || s.opacity !== "1" || s.float !== "none" ||
			s.transform !== "none" || s.filter !== "none" || /^(img|svg|video|canvas|iframe|object|embed|input|select|textarea|button)$/.test(e.localName); });
	const apart = (r, p) => r.left >= p.right - 1 || r.right <= p.left + 1 || r.top >= p.bottom - 1 || r.bottom <= p.top + 1;
	// Where something lies under or over all of the letters, that is what matters; where it lies under some, exactly which.
	const place = (r, p) => within(r, p, 1) ? "all" : [p.left - r.left, p.top - r.top, p.right - r.left, p.bottom - r.top, r.width, r.height].map(Math.round).join();
	// A link is told from the text around it, if there is any.
	const around = e => { const link = e.closest("a, [role=link]"); if (!link) return "";
		let block = link.parentElement; while (block.parentElement && style(block).display === "inline") block = block.parentElement;
		const parts = [[0, 0]], walk = document.createTreeWalker(block, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
		for (let n; n = walk.nextNode();) {
			if (n.nodeType === Node.ELEMENT_NODE) { if (style(n).display !== "inline" || n.localName === "br") parts.push([0, 0]); continue; }
			parts.at(-1)[n.parentElement.closest("a, [role=link], button, input, select, textarea") ? 0 : 1] += n.data.trim().length; }
		return parts.map(([inside, outside]) => outside === 0 ? "" : outside > inside ? "more" : "less").join(); };
	const field = "input:not([type=hidden]), select, textarea, a[href], [role=link]";
	const keys = [];
	for (const e of document.body?.querySelectorAll("*") ?? []) {
		const text = [...e.childNodes].filter(n => n.nodeType === Node.TEXT_NODE).map(n => n.data).join("").trim();
		if (!shown(e) || !(text || e.matches(field))) continue;
		const rects = letters(e), over = [];
		for (const p of paints) { const near = box(p);
			if (!p.contains(e) && rects.some(r => !apart(r, near))) over.push([e.contains(p) ? "of" : e.compareDocumentPosition(p) & 4 ? "after" : "before",
				paint(p), ...new Set(rects.map(r => apart(r, near) ? "" : place(r, near)))].join(":")); }
		for (let p = e; p; p = p.parentElement) if (!clear(style(p).backgroundColor) || style(p).overflowX !== "visible")
			over.push(rects.every(r => within(r, box(p), 1)) ? "all" : rects.map(r => place(r, box(p))).join(";"));
		texts.push(e);
		keys.push(hash([paint(e), kind(text || String(e.value ?? "")), around(e), seen(e, style(e), box(e)).join(), over.join("|")].join("\n")));
	}
	window.placesWithLetters = texts;
	return {checker: !!window.axe, shape: hash(document.compatMode + shape(document.documentElement)), places: keys};
})()
