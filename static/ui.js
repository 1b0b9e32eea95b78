// The note beside a hovered or focused citation: where the quote stands, and the quote.
// It shows the link's own title, whose two lines are those two things, by text nodes only.
() => {
  const tip = document.createElement("div");
  tip.id = "tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  let shown = null;

  const hide = () => {
    if (!shown) return;
    shown.title = tip.textContent; // while the note stands, the browser's own would stand over it
    shown.removeAttribute("aria-describedby");
    shown = null;
    tip.hidden = true;
  };

  const place = () => {
    const at = shown.getBoundingClientRect();
    const edge = document.querySelector("#talk").getBoundingClientRect().right; // keep the source in sight
    const left = Math.min(at.left, edge - tip.offsetWidth);
    const below = at.bottom + 8 + tip.offsetHeight < window.innerHeight;
    tip.style.left = `${Math.max(12, left)}px`;
    tip.style.top = `${below ? at.bottom + 8 : Math.max(8, at.top - tip.offsetHeight - 8)}px`;
  };

  // The note goes with its link, and goes when the link leaves the view.
  const move = () => {
    if (!shown) return;
    const at = shown.getBoundingClientRect();
    if (shown.contains(document.elementFromPoint(at.left + at.width / 2, at.top + at.height / 2))) place();
    else hide();
  };

  const show = (link) => {
    if (link === shown) return;
    hide();
    const [where, quote] = link.title.split(/ —\n/, 2);
    const lines = [["p", where], ["blockquote", quote]].map(([tag, text]) => {
      const node = document.createElement(tag);
      node.textContent = text || "";
      return node;
    });
    tip.replaceChildren(lines[0], " —\n", lines[1]);
    shown = link;
    link.removeAttribute("title");
    link.setAttribute("aria-describedby", tip.id);
    (document.querySelector(".gradio-container") || document.body).append(tip);
    tip.hidden = false;
    place();
  };

  const over = (event) => {
    const link = event.target.closest?.("a.cite");
    if (link) show(link);
    else if (event.type === "focusin" || !shown?.matches(":focus-visible")) hide(); // the pointer may rest, and the page move
  };
  document.addEventListener("mouseover", over);
  document.addEventListener("focusin", over);
  document.addEventListener("focusout", hide);
  document.addEventListener("click", hide);
  document.addEventListener("scroll", move, true);
  window.addEventListener("resize", move);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());

  // While an answer grows its question stays in sight: the view follows the answer's end, but never past the question's
  // top, and not at all once the reader scrolls. What is redrawn in place moves nothing.
  let asked = 0;
  let following = false;
  const follow = () => {
    if (shown?.isConnected) place();
    else hide(); // its link was drawn anew
    const questions = document.querySelectorAll("#chat .asked");
    if (questions.length !== asked) {
      following = questions.length > 0;
      document.querySelector("#chat").scrollIntoView({ block: "nearest" }); // on a narrow screen it may be above
    }
    asked = questions.length;
    if (!following) return;
    const last = questions[asked - 1];
    let view = last.parentElement;
    while (view.id !== "chat" && view.scrollHeight <= view.clientHeight + 1) view = view.parentElement;
    const top = last.getBoundingClientRect().top - view.getBoundingClientRect().top + view.scrollTop - 12;
    view.scrollTop = Math.min(top, view.scrollHeight - view.clientHeight);
    following = document.querySelector("#chat .working") !== null;
  };
  for (const name of ["wheel", "touchmove", "keydown"]) {
    document.addEventListener(name, (event) => { if (event.target.closest?.("#chat")) following = false; }, { passive: true });
  }
  new MutationObserver(follow).observe(document.body, { childList: true, characterData: true, subtree: true });

  // Gradio labels each message with its source; a screen reader would read out the tags. And it calls its examples a
  // list, whose items they are not. A link beside them leads to a page of ours, in this tab.
  const mend = () => {
    document.querySelectorAll("#chat [aria-label*='message:']").forEach((node) => node.removeAttribute("aria-label"));
    document.querySelectorAll("#chat .placeholder a[target]").forEach((node) => node.removeAttribute("target"));
    document.querySelectorAll("#chat .examples[role='list']").forEach((node) => node.setAttribute("role", "group"));
  };
  new MutationObserver(mend).observe(document.body, {
    attributeFilter: ["aria-label"], attributes: true, childList: true, subtree: true,
  });
  mend();
}
