// The kept conversations: a dialog over the window that lists, searches, opens, names, exports and deletes them, by the
// HTTP API beside the window. Their names are text, and enter the page as text nodes only.
// Gradio runs this with `element`, `props`, `trigger` and `watch` in scope.

const HASH = /^#talk-([0-9a-f]{1,64})$/;
const API = "/api/conversations";
const FORMS = [["markdown", "Markdown"], ["html", "HTML"], ["json", "JSON"]];
let wanted = 0; // of several searches under way, the last one is shown
let current = null; // the id of the conversation that the window shows

const make = (tag, attributes, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};

const button = (name, label, act) => {
  const node = make("button", { type: "button", class: name }, label);
  node.addEventListener("click", act);
  return node;
};

const call = async (path, method = "GET", body = null) => {
  const headers = body ? { "Content-Type": "application/json" } : {};
  const reply = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const data = reply.status === 204 ? null : await reply.json();
  if (!reply.ok) throw new Error(data.error?.message || `The server says ${reply.status}.`);
  return data;
};

const search = make("input", { type: "search", placeholder: "Words of names, questions, answers", "aria-label": "Search the conversations" });
const state = make("p", { class: "state", role: "status" });
const list = make("ul", {});
const close = button("close", "Close", () => dialog.close());
const tests = make("a", { class: "tests", href: "/api/feedback", download: "" }, "Your feedback as tests");
const dialog = make("dialog", { id: "conversations", "aria-labelledby": "conversations-title" },
  make("header", {}, make("h2", { id: "conversations-title" }, "Conversations"), close),
  search, state, list, make("footer", {}, tests));

// What goes wrong is said in the dialog; nothing is left half drawn.
const attempt = async (work) => {
  try {
    await work();
  } catch (error) {
    state.textContent = error.message;
  }
};

// "today 14:02", "3 May, 14:02": what has the same name is told apart by its time, at need to the second.
const when = (text, second) => {
  const at = new Date(text);
  const now = new Date();
  const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86400000);
  const time = at.toLocaleTimeString(undefined, { hour: "numeric", minute: "2-digit", second });
  if (days === 0 || days === 1) return `${days ? "yesterday" : "today"} ${time}`;
  const year = at.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return `${at.toLocaleDateString(undefined, { day: "numeric", month: "short", year })}, ${time}`;
};

const rename = (row, entry) => {
  wanted += 1; // a reply that is under way must not draw over the form
  const name = make("input", { maxlength: "200", "aria-label": "New name" });
  name.value = entry.name;
  const form = make("form", { class: "rename" }, name, make("button", { type: "submit" }, "Save"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      await call(`${API}/${entry.id}`, "PATCH", { name: name.value });
      await fill();
      focusOn(entry.id);
    });
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault(); // else the dialog closes
    event.stopPropagation();
    row.replaceWith(line(entry));
    focusOn(entry.id);
  });
  row.replaceChildren(form);
  name.select();
};

const focusOn = (id) => list.querySelector(`[data-id="${id}"] .rename`)?.focus();

const remove = (row, entry) => {
  wanted += 1; // nor over the second question
  const sure = button("delete sure", "Delete for good", () => attempt(async () => {
    await call(`${API}/${entry.id}`, "DELETE");
    if (entry.id === current) trigger("fresh", {});
    await fill();
    search.focus();
  }));
  row.querySelector(".delete").replaceWith(sure);
  sure.focus();
};

const line = (entry, _, entries = []) => {
  const alike = entries.filter((other) => other.name === entry.name && when(other.changed) === when(entry.changed));
  const time = make("time", { datetime: entry.changed }, when(entry.changed, alike.length > 1 ? "2-digit" : undefined));
  const open = button("open", entry.name || "Without a name", () => {
    dialog.close();
    trigger("open", { id: entry.id });
  });
  const turns = entry.turns === 1 ? "1 answer" : `${entry.turns} answers`;
  const row = make("li", { "data-id": entry.id }, open, make("p", { class: "meta" }, time, ` · ${turns}`));
  if (entry.id === current) open.setAttribute("aria-current", "true");
  const acts = make("div", { class: "acts" },
    button("rename", "Rename", () => rename(row, entry)),
    make("span", {}, "Export:"),
    ...FORMS.map(([form, label]) => make("a", {
      href: `${API}/${entry.id}/export?format=${form}`, download: "", "aria-label": `Export as ${label}`,
    }, label)),
    button("delete", "Delete", () => remove(row, entry)));
  row.append(acts);
  return row;
};

const fill = async () => {
  const turn = ++wanted;
  const found = await call(`${API}?query=${encodeURIComponent(search.value.slice(0, 200))}`);
  if (turn !== wanted) return;
  list.replaceChildren(...found.map(line));
  const none = search.value ? "No conversation has these words." : "Nothing is kept yet: ask a question.";
  state.textContent = found.length ? "" : none;
};

search.addEventListener("input", () => attempt(fill));
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // beside it
element.querySelector("button").addEventListener("click", () => {
  (document.querySelector(".gradio-container") || document.body).append(dialog);
  search.value = "";
  list.replaceChildren(); // a row of last time would be drawn anew under the reader's hand
  dialog.showModal();
  attempt(fill);
});

// The address names the conversation, so that a reload, or a bookmark, brings it back.
watch("value", () => {
  current = props.value || null;
  const at = location.pathname + location.search;
  history.replaceState(null, "", current ? `${at}#talk-${current}` : at);
});
const named = HASH.exec(location.hash);
if (named) trigger("open", { id: named[1] });
