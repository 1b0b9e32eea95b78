// The source panel: shows the article of a citation, with the cited span marked and in view.
// Articles are untrusted, so the panel is built from text nodes only; nothing in here parses HTML.
// Gradio runs this with `element`, `props`, `trigger` and `watch` in scope.

const SELECTOR = 'a[href^="#cite-"], a[href^="#passage-"]';
let opener = null; // the link that was followed last
let wanted = null; // where it leads
let drawn = null; // what the panel shows

const make = (tag, name, text) => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text) node.textContent = text;
  return node;
};

// Text with its line ends kept, so that it can be read back exactly, but drawn as gaps between paragraphs.
const fill = (node, text) => {
  for (const part of (text || "").split(/(\n+)/)) {
    if (part) node.append(part[0] === "\n" ? make("span", "gap", part) : part);
  }
  return node;
};

const head = (value) => {
  const header = make("header");
  const line = make("p", "line");
  line.append(make("span", "kind", value.kind));
  const back = make("button", "back", "Back to the answer");
  back.type = "button";
  back.addEventListener("click", () => opener?.isConnected && opener.focus());
  line.append(back);
  header.append(line, make("h2", "", value.title));
  header.append(make("p", "meta", [value.outlet, value.author, value.published].filter(Boolean).join(" · ")));
  header.append(make("p", "key", value.key));
  if (value.note) header.append(make("p", "note", value.note));
  return header;
};

const empty = () => {
  const note = make("div", "empty");
  note.append(make("p", "", "Sources open here."));
  note.append(make("p", "", "Follow a number in an answer: its passage is marked in the whole article."));
  return note;
};

const reveal = () => element.querySelector("mark")?.scrollIntoView({ block: "center" });

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
    return;
  }
  const text = fill(make("div", "text"), value.before);
  text.dir = "auto";
  text.append(fill(make("mark"), value.mark));
  panel.replaceChildren(head(value), fill(text, value.after));
  panel.scrollTop = 0;
  reveal();
};

// Links are followed for the whole page: the chat redraws its messages, this listener stays.
document.addEventListener("click", (event) => {
  const undo = event.target.closest?.('a[href^="#undo-"]');
  if (undo) {
    event.preventDefault();
    trigger("undo", { link: undo.getAttribute("href") });
    return;
  }
  const link = event.target.closest?.(SELECTOR);
  if (!link) return;
  event.preventDefault();
  opener = link;
  wanted = link.getAttribute("href");
  if (wanted === drawn) reveal();
  else if (props.value?.link === wanted) draw(); // its reply came too late and was passed over
  else trigger("cite", { link: wanted });
}, true);

watch("value", draw);
draw();
