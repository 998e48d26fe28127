"use strict";
(() => {
  const sections = JSON.parse(document.getElementById("search-index").textContent);
  const input = document.querySelector("main input[type=search]");
  const list = document.getElementById("found"), live = document.getElementById("found-count");
  const most = 40;
  // Letters with and without accents are the same, as are thm and theorem.
  const folded = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const folds = sections.map((parts) => parts.map(folded));
  const weights = [6, 5, 3, 1]; // a word in the address, the title, the heading, the text
  const scored = (words) => folds.map((parts, i) => {
    let total = 0;
    for (const word of words) {
      const score = parts.reduce((sum, part, k) => sum + (part.includes(word) ? weights[k] : 0), 0);
      if (!score) return [0, i];
      total += score;
    }
    return [total, i];
  }).filter(([score]) => score).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  const around = (text, words) => {
    const at = Math.min(...words.map((word) => folded(text).indexOf(word)).filter((k) => k >= 0), text.length);
    const start = at < text.length ? Math.max(0, at - 60) : 0;
    return (start ? "… " : "") + text.slice(start, start + 200) + (start + 200 < text.length ? " …" : "");
  };
  const show = () => {
    const words = folded(input.value).split(/\s+/).filter(Boolean);
    const found = words.length ? scored(words) : [];
    list.replaceChildren(...found.slice(0, most).map(([, i]) => {
      const [address, title, heading, text] = sections[i];
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = address;
      link.textContent = heading ? `${title}: ${heading}` : title;
      const words_ = document.createElement("p");
      words_.textContent = around(text, words);
      item.append(link, words_);
      return item;
    }));
    live.textContent = !words.length ? "" : found.length > most ? `${found.length} places, the first ${most} shown`
      : found.length === 1 ? "1 place" : `${found.length || "no"} places`;
  };
  input.value = new URLSearchParams(location.search).get("q") || "";
  input.addEventListener("input", show);
  input.form.addEventListener("submit", (event) => { event.preventDefault(); show(); });
  show();
})();
