// Everything that was stored is put into the page as text, never as HTML.
const proof = document.querySelector('meta[name="proof"]').content;
const at = (id) => document.getElementById(id);
let shown = null;
let offset = 0;
const perPage = 25;

async function ask(action, body = {}) {
  const response = await fetch(`/page/${action}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Ondevice-Proof": proof },
    body: JSON.stringify(body),
  });
  const told = await response.json();
  if (!response.ok) throw new Error(told.error.message);
  return told;
}

async function doing(word, work) {
  at("status").textContent = word;
  at("trouble").textContent = "";
  try {
    at("status").textContent = (await work()) ?? "";
  } catch (error) {
    at("status").textContent = "";
    at("trouble").textContent = error instanceof TypeError ? "The server does not answer." : error.message;
  }
}

function made(tag, text, className) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

const day = (time) => new Date(time).toLocaleString();

function card(item) {
  const button = made("button", "");
  button.type = "button";
  button.append(made("span", `${item.kind}, ${day(item.time)}`, "quiet"), made("span", item.excerpt ?? ""));
  button.addEventListener("click", () => read(item.id));
  const entry = document.createElement("li");
  entry.append(button);
  return entry;
}

function list(from) {
  return doing("Looking…", async () => {
    const said = new FormData(at("search"));
    const body = { query: said.get("query"), offset: from };
    if (said.get("kind")) body.kind = said.get("kind");
    if (said.get("since")) body.since = new Date(`${said.get("since")}T00:00`).toISOString();
    if (said.get("until")) {
      const end = new Date(`${said.get("until")}T00:00`);
      end.setDate(end.getDate() + 1);
      body.until = end.toISOString();
    }
    const found = await ask("items", body);
    offset = from;
    at("results").replaceChildren(...found.items.map(card));
    at("earlier").hidden = from === 0;
    at("later").hidden = !found.has_more;
    fillKinds(found.kinds);
    return found.items.length ? `Items ${from + 1} to ${from + found.items.length}` : "No item fits.";
  });
}

function fillKinds(kinds) {
  const select = at("search").elements.kind;
  const chosen = select.value;
  const all = new Option("all", "");
  select.replaceChildren(all, ...Object.entries(kinds).map(([kind, count]) => new Option(`${kind} (${count})`, kind)));
  select.value = chosen in kinds ? chosen : "";
}

function read(id) {
  return doing("Reading…", async () => {
    const item = await ask("item", { id });
    shown = item.id;
    at("item-about").textContent = `${item.kind}, ${day(item.time)}; version ${item.version}; ${item.id}`;
    at("item-text").textContent = item.text;
    const more = Object.entries({ ...item.fields, ...item.metadata });
    at("item-more").replaceChildren(
      ...more.flatMap(([name, value]) => [made("dt", name), made("dd", [value].flat().join(", "))]),
    );
    at("item-history").replaceChildren(
      ...item.history.flatMap((each) => [
        made("h3", `Version ${each.version}, until ${day(each.replaced_at)}`),
        made("div", each.text, "text"),
      ]),
    );
    at("item").hidden = false;
    at("item-title").focus();
  });
}

function erase() {
  at("sure").close();
  return doing("Forgetting, and reading every file back…", async () => {
    const told = await ask("forget", { id: shown });
    at("item").hidden = true;
    const dropped = told.dropped.length ? ` Dropped with it: ${told.dropped.join(", ")}.` : "";
    at("receipt-about").textContent = told.verified
      ? `The item is gone from every file: they were read back.${dropped}`
      : `Not everything is gone yet: see the receipt.${dropped}`;
    at("receipt-caveats").replaceChildren(...told.caveats.map((caveat) => made("li", caveat)));
    at("receipt-text").textContent = told.receipt;
    at("receipt-file").href = URL.createObjectURL(new Blob([told.receipt], { type: "application/json" }));
    at("receipt").hidden = false;
    at("receipt-title").focus();
    at("answer").textContent = "";
    at("sources").replaceChildren();
    at("sources-title").hidden = true;
    await Promise.all([list(0), showLearned()]);
  });
}

function answer() {
  const question = new FormData(at("ask")).get("question");
  return doing("The model is answering…", async () => {
    at("answer").textContent = "";
    const told = await ask("ask", { question });
    const sources = await Promise.all(told.sources.map((source) => ask("item", { id: source.id })));
    at("answer").textContent = told.text;
    at("sources-title").hidden = sources.length === 0;
    at("sources").replaceChildren(...sources.map(card));
  });
}

function showLearned() {
  return doing("Looking…", async () => {
    const { learned } = await ask("learned");
    if (!learned.length) {
      at("learned-list").replaceChildren(made("p", "Nothing has been learned from your items.", "quiet"));
      return;
    }
    at("learned-list").replaceChildren(...learned.map(learnedThing));
  });
}

function learnedThing(each) {
  const state = [each.is_in_use && "in use", each.is_stale && "to be made again", !each.is_there && "its bytes are gone"];
  const words = [`from ${each.n_items} items`, `made ${day(each.made_at)}`, `${each.n_newer} items are newer`];
  const details = document.createElement("details");
  const items = document.createElement("ul");
  items.className = "cards";
  items.append(...each.items.map(card));
  details.append(made("summary", "What it rests on"), items);
  const box = document.createElement("article");
  const about = [...words, ...state.filter(Boolean)].join("; ");
  box.append(made("h3", `${each.kind} ${each.name}`), made("p", about, "quiet"), details);
  return box;
}

function check() {
  return doing("Checking every file…", async () => {
    const { flaws, report } = await ask("audit");
    const lines = flaws.length ? flaws.map((flaw) => made("p", flaw)) : [made("p", "Nothing is damaged.")];
    if (report) {
      lines.push(made("p", `The audit of ${day(report.made_at)}: ${report.verdict}.`));
      const parts = document.createElement("ul");
      parts.append(...report.sections.map((each) => made("li", `${each.check}: ${each.verdict}`)));
      lines.push(parts);
    } else {
      lines.push(made("p", "No audit's report was named when the server was started.", "quiet"));
    }
    at("verdict").replaceChildren(...lines);
  });
}

function onSubmit(id, work) {
  at(id).addEventListener("submit", (event) => {
    event.preventDefault();
    work();
  });
}

onSubmit("search", () => list(0));
onSubmit("ask", answer);
at("earlier").addEventListener("click", () => list(Math.max(0, offset - perPage)));
at("later").addEventListener("click", () => list(offset + perPage));
at("forget").addEventListener("click", () => at("sure").showModal());
at("keep").addEventListener("click", () => at("sure").close());
at("erase").addEventListener("click", erase);
at("check").addEventListener("click", check);
await list(0);
await showLearned();
