// The source panel: shows the article of a citation, with the cited span marked and in view.
// Articles are untrusted, so the panel is built from text nodes only; nothing in here parses HTML.
// Gradio runs this with `element`, `props`, `trigger` and `watch` in scope.

const SELECTOR = 'a[href^="#cite-"], a[href^="#passage-"]';
const ACTS = 'a:is([href^="#edit-"], [href^="#leave-"], [href^="#say-"], [href^="#gold-"], [href^="#unsay-"], [href^="#more-"])';
const AGAIN = 'a:is([href^="#undo-"], [href^="#all-"])';
let opener = null; // the link of the conversation that was followed last
let wanted = null; // where it leads
let drawn = null; // what the panel shows

const make = (tag, name, text) => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text) node.textContent = text;
  return node;
};

const button = (name, text, act) => {
  const node = make("button", name, text);
  node.type = "button";
  node.addEventListener("click", act);
  return node;
};

// Text with its line ends kept, so that it can be read back exactly, but drawn as gaps between paragraphs.
const fill = (node, text) => {
  for (const part of (text || "").split(/(\n+)/)) {
    if (part) node.append(part[0] === "\n" ? make("span", "gap", part) : part);
  }
  return node;
};

// On a narrow screen the source is a sheet over the talk, which rests meanwhile; closing it leads back to the link.
const narrow = matchMedia("(max-width: 860px)"); // as static/ui.css has it
const sheet = () => element.closest("#source");
const rest = () => {
  const over = narrow.matches && sheet().classList.contains("open");
  for (const name of ["top", "talk"]) document.getElementById(name).inert = over;
};
narrow.addEventListener("change", rest);

const open = () => {
  if (sheet().classList.contains("open")) return;
  sheet().classList.add("open");
  rest();
  if (narrow.matches) element.querySelector(".close").focus({ preventScroll: true });
};

const close = () => {
  sheet().classList.remove("open");
  rest();
};

const back = () => {
  const same = opener && document.querySelector(`#chat a[href="${CSS.escape(opener.getAttribute("href"))}"]`);
  (opener?.isConnected ? opener : same)?.focus(); // the chat may have drawn it anew
};

const leave = () => {
  close();
  back();
};

const go = (link) => {
  wanted = link;
  if (wanted === drawn) reveal();
  else if (props.value?.link === wanted) draw(); // its reply came too late and was passed over
  else trigger("cite", { link: wanted });
};

const outward = (href, text, name) => {
  const link = make("a", name, text);
  link.href = href;
  link.rel = "noopener noreferrer";
  if (name === "web") link.target = "_blank";
  else link.download = "";
  return link;
};

// Previous and next among the answer's citations (or its passages).
const walk = (value) => {
  const nav = make("nav", "walk");
  nav.setAttribute("aria-label", value.link.startsWith("#cite") ? "Citations of this answer" : "Passages of this answer");
  for (const [name, text, link] of [["previous", "‹ Previous", value.previous], ["next", "Next ›", value.next]]) {
    const step = button(name, text, () => link && go(link));
    if (!link) step.setAttribute("aria-disabled", "true"); // it keeps the keyboard's focus at the end of the row
    nav.append(step);
  }
  nav.insertBefore(make("span", "place", value.place), nav.lastChild);
  return nav;
};

// The answer's other citations and passages, each one click away.
const others = (value) => {
  const rest = make("details", "others");
  rest.append(make("summary", "", `All sources of this answer: ${value.cited.length} cited, ${value.passages.length} found`));
  for (const [title, ways] of [["Cited", value.cited], ["Found for the question", value.passages]]) {
    if (!ways.length) continue;
    rest.append(make("h3", "", title));
    const list = make("ol");
    for (const way of ways) {
      const row = make("li");
      const step = button("way", "", () => go(way.link));
      if (way.link === value.link) step.setAttribute("aria-current", "true");
      step.append(make("span", "rank", way.label), make("span", "title", way.title), make("span", "words", way.text));
      row.append(step);
      list.append(row);
    }
    rest.append(list);
  }
  return rest;
};

const head = (value) => {
  const header = make("header");
  const line = make("div", "line");
  line.append(make("span", "kind", value.kind), walk(value));
  line.append(button("back", "Back to the answer", back), button("close", "Close", leave));
  header.append(line, make("h2", "", value.title));
  header.append(make("p", "meta", [value.outlet, value.author, value.published].filter(Boolean).join(" · ")));
  const where = make("p", "where");
  where.append(make("span", "key", value.key));
  if (value.file) where.append(outward(value.file, "The file", "file"));
  if (value.url) where.append(outward(value.url, "On the web", "web"));
  header.append(where);
  if (value.note) header.append(make("p", "note", value.note));
  header.append(others(value));
  return header;
};

const empty = () => {
  const note = make("div", "empty");
  note.append(make("p", "", "Sources open here."));
  note.append(make("p", "", "Follow a number in an answer: its passage is marked in the whole article."));
  return note;
};

// The mark in the middle below the title, which stays; of a long one its beginning.
const reveal = () => {
  const mark = element.querySelector("mark");
  if (!mark) return;
  open();
  const head = element.querySelector("header").offsetHeight;
  const room = element.querySelector("article").clientHeight - head;
  mark.style.scrollMarginTop = `${head + 16}px`;
  mark.scrollIntoView({ block: mark.getBoundingClientRect().height > room / 2 ? "start" : "center" });
};

const draw = () => {
  const panel = element.querySelector("article");
  const value = props.value;
  if (value && value.link !== wanted) return; // a slow reply to a link that was followed earlier
  drawn = wanted = value ? value.link : null;
  document.querySelectorAll(SELECTOR).forEach((link) => {
    if (link.getAttribute("href") === drawn) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  });
  if (!value) {
    panel.replaceChildren(empty());
    close();
    return;
  }
  // Who walks by the panel's own buttons goes on from the same one.
  const held = panel.contains(document.activeElement) ? document.activeElement.className : "";
  const told = value.told || ""; // the panel's title says it already
  const text = make("div", "text");
  if (told) text.append(fill(make("span", "told"), told));
  fill(text, value.before.slice(told.length));
  text.dir = "auto";
  text.append(fill(make("mark"), value.mark));
  panel.replaceChildren(head(value), fill(text, value.after));
  panel.scrollTop = 0;
  reveal();
  if (held === "previous" || held === "next") panel.querySelector(`button.${held}`).focus({ preventScroll: true });
  else if (held === "way") panel.focus({ preventScroll: true });
};

// What a link changes is drawn anew: the keyboard goes on where the link stood.
const keepFocus = (link) => {
  const href = link.getAttribute("href");
  const turn = /^#[a-z]+-([0-9]+)/.exec(href)[1];
  const watcher = new MutationObserver(() => {
    if (link.isConnected) return;
    watcher.disconnect();
    const same = document.querySelector(`#chat a[href="${CSS.escape(href)}"]`); // a sentence that is chosen can be dropped again
    const next = same || document.querySelector(`#chat a:is([href^="#unsay-${turn}"], [href^="#say-${turn}-"])`);
    if (document.activeElement === document.body) next?.focus({ preventScroll: true });
  });
  watcher.observe(document.body, { childList: true, subtree: true });
  setTimeout(() => watcher.disconnect(), 30000);
};

// Links are followed for the whole page: the chat redraws its messages, this listener stays.
document.addEventListener("click", (event) => {
  const again = event.target.closest?.(AGAIN);
  const act = event.target.closest?.(ACTS);
  const link = event.target.closest?.(SELECTOR);
  if (!again && !act && !link) return;
  event.preventDefault();
  if (again) {
    const href = again.getAttribute("href");
    trigger(href.startsWith("#undo") ? "undo" : "widen", { link: href });
  } else if (act) {
    const href = act.getAttribute("href");
    if (/^#(edit|leave)-/.test(href)) document.querySelector("#box textarea").focus();
    else keepFocus(act);
    trigger("act", { link: href });
  } else {
    opener = link;
    go(link.getAttribute("href"));
  }
}, true);

// What is a button to a screen reader is pressed like one.
document.addEventListener("keydown", (event) => {
  const pressed = event.key === " " && event.target.closest?.(`${ACTS}, ${AGAIN}`);
  if (!pressed) return;
  event.preventDefault();
  pressed.click();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && narrow.matches && sheet().classList.contains("open")) leave();
});

watch("value", draw);
draw();
