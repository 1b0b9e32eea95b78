// The library: lists, searches, adds and removes articles by the API. File names, titles and texts are untrusted:
// whatever is shown becomes a text node, and nothing in here parses HTML.
"use strict";

const dark = matchMedia("(prefers-color-scheme: dark)");
const asked = new URLSearchParams(location.search).get("__theme"); // as the window takes it
const paint = () => document.documentElement.classList.toggle("dark", asked ? asked === "dark" : dark.matches);
paint();
dark.addEventListener("change", paint);

document.addEventListener("DOMContentLoaded", () => {
  const PAGE = 50;
  const TEXT_CHARS = 200000; // of a very long article this much is shown
  const REMARKS = 3; // of one upload so many are told
  const STATES = { indexed: "Indexed", duplicate: "Duplicate", skipped: "Skipped" };
  const by = (id) => document.getElementById(id);
  const make = (tag, name, text) => {
    const node = document.createElement(tag);
    if (name) node.className = name;
    if (text) node.textContent = text;
    return node;
  };
  const cell = (name, ...inner) => {
    const node = make("span", name);
    node.setAttribute("role", "cell");
    node.append(...inner.filter(Boolean));
    return node;
  };
  const count = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
  const short = (text, most) => (text.length > most ? `${text.slice(0, most)}…` : text);
  const bytes = (number) => (number < 1e6 ? `${Math.floor(number / 1e3)} kB` : `${Math.floor(number / 1e6)} MB`);
  const address = (key) => `api/articles/${key.split("/").map(encodeURIComponent).join("/")}`;

  const call = async (path, options) => {
    const reply = await fetch(path, options);
    const body = await reply.json().catch(() => null);
    if (!reply.ok) throw new Error(body?.error?.message || `The server answers ${reply.status}.`);
    return body;
  };
  const trying = (work) => async (...given) => {
    by("trouble").textContent = "";
    try {
      return await work(...given);
    } catch (error) {
      by("trouble").textContent = error.message;
      return undefined;
    }
  };

  // The list

  let taken = { kinds: [], file_bytes: 0 }; // which uploads the server takes
  let first; // the first list
  let shown = 0;
  let drawn = null; // what the rows show, where they are one page
  let latest = 0; // a slow reply to an earlier search must not overwrite a later one

  const fetchList = (more) => {
    const [order, descending] = by("order").value.split(" ");
    return call(`api/articles?${new URLSearchParams({
      query: by("query").value, text: true, state: by("state").value, order, descending: Boolean(descending),
      limit: PAGE, offset: more ? shown : 0,
    })}`);
  };

  const list = trying(async (more = false) => {
    const mine = ++latest;
    const found = await fetchList(more);
    if (mine !== latest) return;
    const told = JSON.stringify(found.articles);
    const rows = !more && told === drawn ? [] : found.articles.map(row); // what is the same stays under the reader's hand
    if (more) by("rows").append(...rows);
    else if (told !== drawn) by("rows").replaceChildren(...rows);
    drawn = more ? null : told;
    shown = by("rows").childElementCount;
    by("more").hidden = shown >= found.total;
    const { indexed, duplicate, skipped } = found.states;
    const parts = [count(indexed, "article", "articles")];
    if (duplicate) parts.push(count(duplicate, "duplicate", "duplicates"));
    if (skipped) parts.push(`${skipped.toLocaleString("en")} skipped`);
    const sought = by("query").value || by("state").value !== "all";
    by("count").textContent = found.total ? parts.join(" · ") : sought ? "Nothing matches." : "There are no articles yet.";
    taken = found;
    by("off").hidden = found.uploads;
    by("add").hidden = !found.uploads;
    by("how").hidden = !found.uploads;
    by("how").textContent = `Drop files anywhere on this page: ${found.kinds.join(", ")}; ` +
      `${bytes(found.file_bytes)} each at most.`;
    by("files").accept = found.kinds.join(",");
    if (more) rows[0]?.querySelector("button")?.focus();
  });

  const row = (article) => {
    const node = make("div", article.state);
    node.setAttribute("role", "row");
    const name = short(article.title || article.key, 300);
    let head = make("span", "key", name);
    if (article.state !== "skipped") {
      head = make("button", "title", name);
      head.type = "button";
      head.dir = "auto";
      head.addEventListener("click", () => read(article));
    }
    const why = article.duplicate_of ? `The same text as ${article.duplicate_of}, shown once, under that name` : article.reason;
    const first = cell("", head, article.title && make("span", "key", article.key), why && make("span", "why", why));
    const drop = article.removable && make("button", "drop", "Remove");
    if (drop) {
      drop.type = "button";
      drop.setAttribute("aria-label", `Remove ${article.file}`);
      drop.addEventListener("click", () => confirmRemoval(article, drop));
    }
    const size = article.characters ? count(article.characters, "character", "characters") : "";
    node.append(
      first, cell("", article.outlet), cell("number", article.published), cell("number", size),
      cell("state", STATES[article.state]), cell("", drop),
    );
    return node;
  };

  let typing;
  by("query").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(list, 200);
  });
  by("tools").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(typing);
    list();
  });
  by("state").addEventListener("change", () => list());
  by("order").addEventListener("change", () => list());
  by("more").addEventListener("click", () => list(true));

  // One article

  const read = trying(async (entry) => {
    const article = await call(address(entry.key));
    const cut = article.text.length > TEXT_CHARS;
    by("reading-title").textContent = short(article.title || article.key, 300);
    by("reading-about").textContent = [article.outlet, article.author, article.published, article.key,
      cut && "very long: its beginning is shown"].filter(Boolean).join(" · ");
    by("reading-text").textContent = article.text.slice(0, TEXT_CHARS);
    by("reading").showModal();
    by("reading-text").scrollTop = 0;
  });
  by("shut").addEventListener("click", () => by("reading").close());

  // The index

  // Each caller asks anew: a reply that is under way may be from before its own change.
  const watch = async () => {
    let status = { state: "running" };
    while (status.state === "running") {
      status = await call("api/index");
      const part = status.total ? `: ${status.phase} ${status.done} of ${status.total}` : "";
      by("work").textContent = status.state === "running" ? `Updating the index${part}…` : "";
      if (status.state === "running") await new Promise((resolve) => setTimeout(resolve, 300));
    }
    if (status.state === "failed") throw new Error(`${status.error} Then press “Re-index”.`);
    by("work").textContent = `The index is up to date: ${status.added} added, ${status.changed} changed, ` +
      `${status.removed} removed.`;
  };

  by("reindex").addEventListener("click", trying(async () => {
    await call("api/index", { method: "POST" });
    await watch();
    await list();
  }));

  // Removing

  let leaving = null; // the article whose file is about to go
  const confirmRemoval = (article) => {
    leaving = article;
    const others = article.key === article.file ? "" : ", with all that it holds";
    by("removing-what").textContent = `${article.file} will be deleted from its folder${others}.`;
    by("removing").showModal();
  };
  by("keep").addEventListener("click", () => by("removing").close());
  by("remove").addEventListener("click", trying(async () => {
    by("removing").close();
    await call(address(leaving.file), { method: "DELETE" });
    await watch();
    await list();
    by("query").focus();
  }));

  // Adding

  const send = (file, bar) => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch does not tell how far an upload is
    request.open("POST", `api/articles?${new URLSearchParams({ name: file.name })}`);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    });
    request.addEventListener("load", () => (request.status === 201
      ? resolve(request.response)
      : reject(new Error(request.response?.error?.message || `The server answers ${request.status}.`))));
    request.addEventListener("error", () => reject(new Error("The connection was lost.")));
    request.send(file);
  });

  // What the server would refuse anyway need not be sent.
  const refusal = (file) => {
    const { kinds, file_bytes: most } = taken;
    if (!kinds.some((kind) => file.name.toLowerCase().endsWith(kind))) return `Its kind is not read (only ${kinds.join(", ")}).`;
    if (file.size > most) return `It has more than ${bytes(most)} (DATELINE_MAX_FILE_BYTES).`;
    return file.size ? null : "It is empty.";
  };

  const outcome = async (saved) => {
    const name = saved.file.split("/").pop();
    const found = await call(`api/articles?${new URLSearchParams({ query: name, state: "all", limit: 1000 })}`);
    const parts = found.articles.filter((article) => article.file === saved.file);
    const of = (state) => parts.filter((article) => article.state === state);
    const told = [];
    if (of("indexed").length) told.push(count(of("indexed").length, "article indexed", "articles indexed"));
    of("duplicate").forEach((article) => told.push(`${article.key}: the same text as ${article.duplicate_of}, shown once, under that name`));
    of("skipped").forEach((article) => told.push(`${article.key} skipped: ${article.reason}`));
    const remarks = saved.remarks.map((remark) => (remark.path === saved.file ? remark.reason : `${remark.path}: ${remark.reason}`));
    told.push(...remarks.slice(0, REMARKS));
    if (remarks.length > REMARKS) told.push(`${count(remarks.length - REMARKS, "more remark", "more remarks")} of this kind`);
    return `${saved.replaced ? "Replaced. " : ""}${told.join("; ") || "not in the index"}`;
  };

  const add = trying(async (files) => {
    await first; // it tells whether uploads are taken
    if (!files.length || by("add").hidden) return;
    by("added").hidden = false;
    const done = [];
    const items = files.map((file) => {
      const item = make("li");
      const bar = make("progress");
      bar.value = 0;
      bar.setAttribute("aria-label", `Sending ${file.name}`);
      item.append(make("span", "", file.name), bar);
      by("uploads").append(item);
      return { file, bar, item };
    });
    for (const { file, bar, item } of items) {
      const said = make("span", "", "Waiting for the index…");
      try {
        const why = refusal(file);
        if (why) throw new Error(why);
        done.push({ said, saved: await send(file, bar) });
      } catch (error) {
        said.className = "failed";
        said.textContent = `Not added. ${error.message}`;
      }
      bar.replaceWith(said);
      item.scrollIntoView({ block: "nearest" });
    }
    if (!done.length) return;
    try {
      await watch();
    } catch (error) {
      for (const { said, saved } of done) {
        said.className = "failed";
        said.textContent = `${saved.file} is in the folder, but not in the index. ${error.message}`;
      }
      throw error;
    }
    for (const { said, saved } of done) said.textContent = await outcome(saved);
    await list();
  });

  by("add").addEventListener("click", () => by("files").click());
  by("files").addEventListener("change", () => {
    add([...by("files").files]);
    by("files").value = "";
  });
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.toggle("over", !by("add").hidden);
  });
  document.addEventListener("dragleave", () => document.body.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("over");
    add([...event.dataTransfer.files]);
  });

  first = list();
});
