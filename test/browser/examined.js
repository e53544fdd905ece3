// What the accessibility checker goes by on this page, as keys: one of the document's shape, and one of each place with
// letters. Two pages of one shape, and two places of one key, cannot get different answers, so that one of them is enough.
(() => {
	const all = [...document.querySelectorAll("*")];
	const hash = text => { // cyrb53, 53 bits
		let a = 0xdeadbeef, b = 0x41c6ce57;
		for (let i = 0; i < text.length; i++) {
			const c = text.charCodeAt(i);
			a = Math.imul(a ^ c, 2654435761);
			b = Math.imul(b ^ c, 1597334677);
		}
		a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
		b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
		return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36);
	};
	const memo = make => {
		const made = new Map();
		return e => { if (!made.has(e)) made.set(e, make(e)); return made.get(e); };
	};
	const style = memo(e => getComputedStyle(e)), box = memo(e => e.getBoundingClientRect());
	const off = e => [e.disabled === true || e.matches(":disabled"), e.getAttribute("aria-disabled")].join();
	const ownText = e => [...e.childNodes].filter(n => n.nodeType === Node.TEXT_NODE && n.data.trim());
	const letters = e => {
		const range = document.createRange(), found = [];
		for (const n of ownText(e)) { range.selectNodeContents(n); found.push(...range.getClientRects()); }
		return found.length ? found : [...e.getClientRects()];
	};
	const within = (r, p, slack) => r.left >= p.left - slack && r.right <= p.right + slack && r.top >= p.top - slack &&
		r.bottom <= p.bottom + slack;
	const apart = (r, p) => r.left >= p.right - 1 || r.right <= p.left + 1 || r.top >= p.bottom - 1 || r.bottom <= p.top + 1;

	// Of a text it matters whether there is one, of what kind it is, and which others are the same, with capitals and
	// without: not what it says.
	const kind = text => [/[\p{L}\p{N}]/u, /[\p{Extended_Pictographic}\p{Co}]/u, /^.$/u].map(r => Number(r.test(text))).join("");
	const first = new Map();
	const place = text => { if (!first.has(text)) first.set(text, first.size); return first.get(text); };
	const numbered = text => {
		text = text.trim().replace(/\s+/g, " ");
		return text && [kind(text), place(text), place(text.toLowerCase())].join("#");
	};
	const worded = new Set(["aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "title", "alt",
		"placeholder", "value", "summary", "label", "href", "src", "srcset", "action", "formaction", "datetime"]);
	const attribute = (e, {name, value}) => {
		if (name === "nonce" || name === "integrity" || name.startsWith("data-")) return "";
		if (name === "lang" && ["ja", "en"].includes(value)) return "lang";
		if (name === "content" && !e.httpEquiv && e.name !== "viewport") return name + numbered(value);
		return name + "=" + (worded.has(name) && !value.includes("#") ? numbered(value) : JSON.stringify(value));
	};

	// How an element is seen: what scrolls or is cut off, by how much, and whether any of its letters are.
	const beyond = (e, s) => {
		if (s.overflowX + s.overflowY === "visiblevisible") return "";
		const by = [e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight].map(n => Math.min(n, 40));
		if (by.every(n => n <= 0)) return by;
		return [...by, [...e.querySelectorAll("*")].some(c => letters(c).some(r => !within(r, box(e), 0)))];
	};
	const seen = memo(e => {
		const s = style(e), b = box(e);
		return [e.checkVisibility({opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true}), s.display,
			s.visibility, s.opacity === "0", s.position, s.overflowX, s.overflowY, s.clip, s.clipPath, s.contentVisibility,
			beyond(e, s), b.width < 2, b.height < 2, b.right <= 0, b.bottom <= 0, b.left >= innerWidth].join();
	});

	// The words themselves matter where something is named otherwise than it reads, and where a table is guessed at.
	const named = "a, button, summary, input, select, textarea, option, [role], [tabindex]";
	const verbatim = e => {
		if (e.localName === "table" && !e.querySelector("th, caption"))
			return [innerWidth, matchMedia("(prefers-color-scheme: dark)").matches, e.outerHTML];
		if (!e.matches(named) || !(e.hasAttribute("aria-label") || e.hasAttribute("aria-labelledby"))) return "";
		const by = (e.getAttribute("aria-labelledby") || "").split(/\s+/).map(id => document.getElementById(id)?.textContent);
		return [e.textContent, e.value, e.getAttribute("aria-label"), ...by];
	};
	const labels = new Map(); // by the id of what labels, the states of what is labelled
	for (const e of document.querySelectorAll("[aria-labelledby]"))
		for (const id of e.getAttribute("aria-labelledby").split(/\s+/)) labels.set(id, (labels.get(id) || "") + off(e) + ";");
	const state = e => [off(e), e.checked, e.indeterminate, e.selected, e.open, e.localName === "dialog" && e.matches(":modal"),
		e.options?.length, numbered(String(e.value ?? "")), !!e.shadowRoot,
		e.matches("a, button, label, caption, figcaption") || labels.has(e.id) ? numbered(e.textContent) : ""];
	const shape = node => {
		if (node.nodeType === Node.TEXT_NODE) return numbered(node.data);
		if (node.nodeType !== Node.ELEMENT_NODE) return "";
		const attributes = [...node.attributes].map(a => attribute(node, a)).sort().join(" ");
		const inner = ["script", "style"].includes(node.localName) ? "" : [...node.childNodes].map(shape).join("");
		return `<${node.localName} ${attributes} ${JSON.stringify([seen(node), state(node), verbatim(node)])}>${inner}</>`;
	};

	// How an element is painted, with everything that it is in.
	const pseudo = (e, which) => {
		const s = getComputedStyle(e, which);
		if (s.content === "none" || s.content === "normal") return "";
		return [s.content, s.backgroundColor, s.backgroundImage, s.display, s.position, s.width, s.height, box(e).width, box(e).height].join();
	};
	const painted = ["color", "backgroundColor", "backgroundImage", "backgroundClip", "backgroundSize", "backgroundPosition", "opacity",
		"filter", "mixBlendMode", "position", "zIndex", "float", "transform", "overflowX", "overflowY", "clip", "clipPath", "visibility",
		"display", "fontSize", "fontWeight", "fontStyle", "fontFamily", "textShadow", "textIndent", "webkitTextStroke",
		"webkitTextFillColor", "textDecoration", "borderTop", "borderBottom", "outline", "boxShadow"];
	const paint = memo(e => {
		const s = style(e);
		return hash([e.parentElement ? paint(e.parentElement) : "", e.localName, e.type, e.getAttribute("role"), e.inert, off(e),
			e.control ? off(e.control) : "", labels.get(e.id), ...painted.map(p => s[p]), pseudo(e, "::before"), pseudo(e, "::after")].join("|"));
	});
	const shown = memo(e => e.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true}));
	const clear = color => color === "transparent" || /, 0\)$|\/ 0\)$/.test(color);
	const replaced = "img, svg, video, canvas, iframe, object, embed, input, select, textarea, button";
	const paints = all.filter(e => {
		const s = style(e);
		return shown(e) && (!clear(s.backgroundColor) || s.backgroundImage !== "none" || s.position !== "static" || s.opacity !== "1" ||
			s.float !== "none" || s.transform !== "none" || s.filter !== "none" || e.matches(replaced));
	});
	// Where something lies under or over all of the letters, that is what matters; where it lies under some, exactly which.
	const covers = (r, p) => within(r, p, 1) ? "all" :
		[p.left - r.left, p.top - r.top, p.right - r.left, p.bottom - r.top, r.width, r.height].map(Math.round).join();
	// A link is told from the text around it, if there is any.
	const around = e => {
		const link = e.closest("a, [role=link]");
		if (!link) return "";
		let block = link.parentElement;
		while (block.parentElement && style(block).display === "inline") block = block.parentElement;
		const parts = [[0, 0]], walk = document.createTreeWalker(block, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
		for (let n; n = walk.nextNode();) {
			if (n.nodeType === Node.ELEMENT_NODE && (style(n).display !== "inline" || n.localName === "br")) parts.push([0, 0]);
			if (n.nodeType === Node.TEXT_NODE)
				parts.at(-1)[n.parentElement.closest("a, [role=link], button, input, select, textarea") ? 0 : 1] += n.data.trim().length;
		}
		return parts.map(([inside, outside]) => outside === 0 ? "" : outside > inside ? "more" : "less").join();
	};
	const lettered = "input:not([type=hidden]), select, textarea, a[href], [role=link]";
	const texts = all.filter(e => document.body.contains(e) && shown(e) && (ownText(e).length > 0 || e.matches(lettered)));
	const key = e => {
		const rects = letters(e), over = [];
		for (const p of paints) {
			const near = box(p), under = rects.filter(r => !apart(r, near));
			if (under.length === 0 || p.contains(e)) continue;
			const where = e.contains(p) ? "in it" : e.compareDocumentPosition(p) & Node.DOCUMENT_POSITION_FOLLOWING ? "after" : "before";
			over.push([where, paint(p), under.length === rects.length, ...new Set(under.map(r => covers(r, near)))].join(":"));
		}
		for (let p = e; p; p = p.parentElement)
			if (!clear(style(p).backgroundColor) || style(p).backgroundImage !== "none" || style(p).overflowX !== "visible")
				over.push([...new Set(rects.map(r => covers(r, box(p))))].join(";"));
		const text = ownText(e).map(n => n.data).join("").trim() || String(e.value ?? "");
		return hash([paint(e), kind(text), text !== "", around(e), seen(e), ...over].join("\n"));
	};
	window.placesWithLetters = texts;
	return {checker: !!window.axe, shape: hash(document.compatMode + shape(document.documentElement)), places: texts.map(key)};
})()
