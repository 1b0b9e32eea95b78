"use strict";
const report = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);

// Everything is put in as text: an article cannot bring in markup.
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function draw(tag, attributes, text = "") {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  return node;
}

const percent = (share) => (100 * share).toFixed(1);

// Rows of {name, share, interval, note, floor}: a bar, its 95 % interval, and the floor where there is one.
function chart(title, rows) {
  const left = 170, width = 230, step = 24;
  const svg = draw("svg", { class: "chart", viewBox: `0 0 ${left + width + 160} ${step * rows.length + 6}`, role: "img", "aria-label": title });
  rows.forEach((row, number) => {
    const middle = step * number + step / 2;
    const at = (share) => left + width * share;
    svg.append(draw("text", { x: left - 8, y: middle + 4, "text-anchor": "end" }, row.name));
    svg.append(draw("rect", { class: "track", x: left, y: middle - 6, width, height: 12 }));
    svg.append(draw("rect", { class: "bar", x: left, y: middle - 6, width: width * row.share, height: 12 }));
    svg.append(draw("line", { class: "doubt", x1: at(row.interval[0]), x2: at(row.interval[1]), y1: middle, y2: middle }));
    if (row.floor !== undefined) svg.append(draw("line", { class: "floor", x1: at(row.floor), x2: at(row.floor), y1: middle - 9, y2: middle + 9 }));
    svg.append(draw("text", { x: left + width + 8, y: middle + 4 }, `${percent(row.share)} [${row.interval.map(percent).join("–")}] ${row.note ?? ""}`));
  });
  return make("div", {}, make("h2", {}, title), svg);
}

function overview() {
  const sets = Object.values(report.floors);
  const floors = sets.length === 1 ? Object.fromEntries(sets[0].map((floor) => [floor.figure, floor.floor])) : {};
  const figures = Object.entries(report.intervals)
    .filter(([, interval]) => interval)
    .map(([name, interval]) => ({ name, share: report.metrics[name], interval, floor: floors[name] }));
  const kinds = Object.entries(report.kinds).map(([name, kind]) => ({ name, share: kind.share, interval: kind.interval, note: `${kind.right}/${kind.questions}` }));
  byId("overview").append(chart("Figures, in %, with 95 % intervals", figures), chart("Questions that came out right, by kind", kinds));
  const right = report.cases.filter((item) => item.passed).length;
  byId("about").textContent = `${report.cases.length} questions, ${right} right; unsupported sentences shown: ${report.metrics.unsupported_shown}; ` +
    `model ${report.config.settings.llm}; index ${report.config.index_fingerprint.slice(0, 12)}; Dateline ${report.config.version}`;
  for (const [set, judged] of Object.entries(report.floors)) {
    for (const floor of judged) {
      const kept = floor.short === 0;
      const verdict = floor.value === null ? "not judged" : kept ? "kept" : `missed by ${floor.short} ${floor.unit}${floor.short > 1 ? "s" : ""}`;
      byId("overview").append(make("p", { class: kept ? "note kept" : "note missed" }, `${set}: ${floor.figure} at least ${floor.floor}: ${verdict}`));
    }
  }
}

function changes() {
  const found = report.comparison;
  if (!found) return;
  const text = `${found.better.length} better, ${found.worse.length} worse (sign test p = ${found.p.toPrecision(3)}), ${found.reworded.length} in other words only, ${found.same} the same`;
  const lines = ["better", "worse", "reworded", "added", "removed"]
    .filter((name) => found[name].length)
    .map((name) => make("p", { class: "note" }, `${name}: ${found[name].join(", ")}`));
  byId("comparison").append(make("h2", {}, "Compared with the earlier report"), make("p", {}, text), ...lines);
}

// Offsets count code points, as Python counts them; JavaScript counts UTF-16 units.
const points = new Map();
function pointsOf(key) {
  if (!points.has(key)) points.set(key, Array.from(report.articles[key].text));
  return points.get(key);
}

function showArticle(key, start, end) {
  const article = report.articles[key];
  const text = pointsOf(key);
  const cut = (from, to) => text.slice(from, to).join("");
  const [first, last] = [start - article.offset, end - article.offset];
  const mark = make("mark", {}, cut(first, last));
  const close = make("button", { type: "button" }, "Close");
  close.addEventListener("click", () => { byId("article").hidden = true; });
  const where = [article.outlet, article.published, key].filter(Boolean).join(" · ");
  const whole = text.length === article.length ? "" : "Only the part around the marked passages is kept in this report.";
  byId("article").replaceChildren(
    close, make("h2", {}, article.title ?? key), make("p", { class: "note" }, `${where}. ${whole}`),
    make("pre", {}, article.offset > 0 ? "… " : "", cut(0, first), mark, cut(last)),
  );
  byId("article").hidden = false;
  mark.scrollIntoView({ block: "center" });
}

function opener(label, key, span) {
  if (!span || !report.articles[key]) return "";
  const button = make("button", { class: "cite", type: "button", title: key }, label);
  button.addEventListener("click", () => showArticle(key, span[0], span[1]));
  return button;
}

function goldState(gold) {
  if (!gold.span) return "not in the article: ";
  if (gold.cited) return "cited: ";
  return gold.rank ? `passage ${gold.rank}, not cited: ` : "not found: ";
}

function body(item) {
  const list = make("dl");
  const add = (name, ...what) => list.append(make("dt", {}, name), make("dd", {}, ...what));
  for (const problem of item.problems) add("problem", make("span", { class: "problem" }, problem.what));
  if (item.place) add("look at", `${item.place}: ${item.look}`);
  for (const earlier of item.history) add("earlier", earlier);
  if (item.answer.standalone_question !== item.question) add("read as", item.answer.standalone_question);
  const wanted = item.expected.map((group) => group.map((text) => `“${text}”`).join(" or ")).join(" and ");
  add("expected", item.answerable ? wanted || "an answer" : "that it abstains");
  add("came", `${item.answer.status}${item.answer.reason ? ` (${item.answer.reason})` : ""}`);
  const cited = new Map(item.answer.citations.map((citation) => [citation.number, citation]));
  for (const sentence of item.answer.sentences) {
    const chips = sentence.citations.map((number) => opener(`[${number}]`, cited.get(number).article, [cited.get(number).start, cited.get(number).end]));
    const speaker = sentence.attribution.speaker ? ` (said by ${sentence.attribution.speaker})` : "";
    add(`${sentence.verdict} ${sentence.score.toFixed(2)}`, sentence.text + speaker, ...chips);
  }
  if (!item.answer.sentences.length) add("text", item.answer.text);
  for (const text of item.answer.removed) add("left out", text);
  for (const gold of item.gold) add("gold", goldState(gold), gold.quote ?? `any span of ${gold.article}`, opener("show", gold.article, gold.quote ? gold.span : null));
  for (const passage of item.answer.passages) add(`passage ${passage.rank}`, `${passage.score.toFixed(2)} ${passage.article}:${passage.start}-${passage.end} `, passage.text);
  return make("div", { class: "body" }, list);
}

function row(item, number) {
  const head = make("summary", {}, make("span", { class: "state" }, item.passed ? "right" : "wrong"), make("span", { class: "id" }, item.id), make("span", {}, item.question), make("span", { class: "kind" }, item.kind));
  const details = make("details", { class: `case ${item.passed ? "right" : "wrong"}`, "data-number": number }, head);
  details.addEventListener("toggle", () => { if (details.open && details.children.length === 1) details.append(body(item)); });
  return details;
}

function choices() {
  const option = (value, label) => make("option", { value }, label);
  const kinds = [...new Set(report.cases.map((item) => item.kind))].sort();
  byId("kind").append(option("", "every kind"), ...kinds.map((kind) => option(`=${kind}`, kind || "no kind")));
  const places = [...new Set(report.cases.map((item) => item.place).filter(Boolean))].sort();
  byId("outcome").append(option("", "every outcome"), option("right", "right"), option("wrong", "wrong"), ...places.map((place) => option(`place:${place}`, `wrong: ${place}`)));
  for (const name of report.comparison ? ["better", "worse", "reworded"] : []) byId("outcome").append(option(`change:${name}`, name));
}

function list() {
  const shown = report.cases.map((item, number) => ({
    item, node: row(item, number), name: report.comparison?.names[number] ?? item.id,
    text: [item.id, item.question, item.answer.text, ...item.history].join("\n").toLocaleLowerCase(),
  }));
  byId("cases").append(...shown.map((entry) => entry.node));
  const fits = (entry, words, kind, outcome) => {
    const { item, text, name } = entry;
    if (!words.every((word) => text.includes(word)) || (kind && kind !== `=${item.kind}`)) return false;
    if (outcome === "right" || outcome === "wrong") return item.passed === (outcome === "right");
    if (outcome.startsWith("place:")) return item.place === outcome.slice(6);
    return !outcome || report.comparison[outcome.slice(7)].includes(name);
  };
  const filter = () => {
    const words = byId("search").value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const entry of shown) {
      entry.node.hidden = !fits(entry, words, byId("kind").value, byId("outcome").value);
      count += entry.node.hidden ? 0 : 1;
    }
    byId("count").textContent = `${count} of ${shown.length}`;
  };
  for (const id of ["search", "kind", "outcome"]) byId(id).addEventListener("input", filter);
  filter();
}

overview();
changes();
choices();
list();
