// Shows the segments that stand in this file as data. Text reaches the page only as `textContent`.
(() => {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const parse = (id) => {
    const element = $(id);
    const value = JSON.parse(element.textContent);
    element.remove();
    return value;
  };
  // Keys: f file, l line, s source, t target, sm and tm marks on them, b back-translation, q score,
  // k why there is none, i findings; those of a finding are named in html.rs.
  const rows = parse("segments");
  const run = parse("run");
  const SEVERITIES = ["neutral", "minor", "major", "critical"];
  // Segments that are printed at most: more are no reading, and a browser is minutes at them.
  const PRINTED = 2000;

  const make = (tag, className, ...children) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...children);
    return element;
  };
  const count = (n) => n.toLocaleString("en");
  const plural = (n, word) => `${count(n)} ${word}${n === 1 ? "" : "s"}`;

  // What sorting and filtering ask for, once.
  let segment = 0;
  const worst = new Int8Array(rows.length).fill(-1);
  const change = new Array(rows.length);
  rows.forEach((row, i) => {
    for (const issue of row.i ?? []) worst[i] = Math.max(worst[i], issue.v);
    if (row.t === undefined) return;
    change[i] = run.changes?.[segment];
    segment += 1;
  });
  const withFindings = worst.reduce((n, severity) => n + (severity >= 0), 0);

  // Texts in lower case, made when the first search asks for them.
  let haystacks = null;
  const haystack = (row) => {
    const texts = [row.s, row.t, row.b, run.files[row.f]];
    for (const issue of row.i ?? []) {
      texts.push(issue.c, run.checks[issue.c], issue.m, issue.h, issue.g);
      if (row.t === undefined) texts.push(...(issue.o ?? []).flat());
    }
    return texts.filter(Boolean).join("\n").toLowerCase();
  };

  // Controls.
  const option = (value, text) => {
    const element = make("option", "", text);
    element.value = value;
    return element;
  };
  const documents = rows.length - segment;
  const everything = plural(segment, "segment") + (documents > 0 ? ` and ${plural(documents, "whole document")}` : "");
  $("show").append(option("findings", `With findings (${count(withFindings)})`), option("all", `All (${count(rows.length)})`));
  if (run.changes) {
    const kinds = { worse: "Worse than before", new: "Not there before", better: "Better than before" };
    for (const [kind, text] of Object.entries(kinds)) {
      const some = change.filter((c) => c?.[0] === kind).length;
      $("show").append(option(kind, `${text} (${count(some)})`));
    }
  }
  const byDefault = withFindings > 0 ? "findings" : "all";
  const used = new Map();
  const codes = new Map();
  for (const row of rows) {
    used.set(row.f, (used.get(row.f) ?? 0) + (row.i?.length ?? 0));
    for (const issue of row.i ?? []) codes.set(issue.c, (codes.get(issue.c) ?? 0) + 1);
  }
  $("file").append(option("", "All files"));
  for (const [file, findings] of used) $("file").append(option(file, `${run.files[file]} (${count(findings)})`));
  $("check").append(option("", "All checks"));
  for (const code of Object.keys(run.checks).sort()) {
    $("check").append(option(code, `${code} ${run.checks[code]} (${count(codes.get(code) ?? 0)})`));
  }

  // Which rows are to be seen, in which order.
  let found = [];
  let page = 0;
  let current = 0;
  const size = () => Number($("size").value);
  const pages = () => Math.max(1, Math.ceil(found.length / size()));

  function filter() {
    const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const show = $("show").value;
    const file = $("file").value;
    const check = $("check").value;
    const severity = Number($("severity").value);
    const limit = (id) => ($(id).value === "" ? null : Number($(id).value));
    const [low, high] = [limit("low"), limit("high")];
    if (words.length > 0) haystacks ??= rows.map(haystack);
    const wanted = (i) => {
      const row = rows[i];
      if (show === "findings" ? worst[i] < 0 : show !== "all" && change[i]?.[0] !== show) return false;
      if (file !== "" && row.f !== Number(file)) return false;
      if (severity > 0 && worst[i] < severity) return false;
      if (check !== "" && !row.i?.some((issue) => issue.c === check && issue.v >= severity)) return false;
      if (low !== null && !(row.q >= low)) return false;
      if (high !== null && !(row.q <= high)) return false;
      return words.every((word) => haystacks[i].includes(word));
    };
    found = [];
    for (let i = 0; i < rows.length; i += 1) if (wanted(i)) found.push(i);
    // Without a score: last, whichever way.
    const score = (i, none) => rows[i].q ?? none;
    const order = $("order").value;
    if (order === "score") found.sort((a, b) => score(a, 101) - score(b, 101) || a - b);
    if (order === "score-down") found.sort((a, b) => score(b, -1) - score(a, -1) || a - b);
    if (order === "severity") found.sort((a, b) => worst[b] - worst[a] || score(a, 101) - score(b, 101) || a - b);
    const sorts = { place: "ascending", score: "ascending", "score-down": "descending", severity: "descending" };
    for (const header of document.querySelectorAll("[data-sort]")) {
      if (order.startsWith(header.dataset.sort)) header.setAttribute("aria-sort", sorts[order]);
      else header.removeAttribute("aria-sort");
    }
    for (const bar of document.querySelectorAll(".bar[tabindex]")) {
      bar.setAttribute("aria-pressed", String(low === Number(bar.dataset.low) && high === Number(bar.dataset.high)));
    }
    page = 0;
    current = 0;
    render();
  }

  // A text with its marks: where several cover a stretch, the worst is shown.
  function marked(text, marks, issues) {
    const nodes = [];
    const cuts = new Set([0, text.length]);
    for (const [start, end] of marks) cuts.add(start).add(end);
    const sorted = [...cuts].sort((a, b) => a - b);
    const push = (covering, content) => {
      const severity = Math.max(...covering.map(([, , issue]) => issues[issue].v));
      const mark = make("mark", SEVERITIES[severity] + (content ? "" : " point"), content);
      mark.dataset.issues = covering.map(([, , issue]) => issue).join(" ");
      nodes.push(mark);
    };
    sorted.forEach((cut, k) => {
      const points = marks.filter(([start, end]) => start === cut && end === cut);
      if (points.length > 0) push(points, "");
      const end = sorted[k + 1];
      if (end === undefined) return;
      const covering = marks.filter(([a, b]) => a <= cut && end <= b);
      const content = text.slice(cut, end);
      if (covering.length > 0) push(covering, content);
      else nodes.push(content);
    });
    return nodes;
  }

  function finding(issue, row, index) {
    const item = make("li", "");
    item.dataset.issue = index;
    const name = run.checks[issue.c];
    item.append(make("span", `badge ${SEVERITIES[issue.v]}`, SEVERITIES[issue.v]), " ", issue.m);
    if (issue.g !== undefined) {
      item.append(" ", make("span", "unseen", "Suggestion:"), make("del", "", issue.t ?? ""));
      if (issue.g !== "") item.append(" → ", make("ins", "", issue.g));
    } else if (issue.t && issue.t !== row.t && row.t !== undefined) {
      item.append(": “", issue.t, "”");
    }
    if (issue.h) item.append(make("p", "help", issue.h));
    if (issue.o) {
      const places = issue.o.map(([at, text, note]) => make("li", "", [at, text && `“${text}”`, note].filter(Boolean).join(" ")));
      item.append(make("ul", "", ...places));
    }
    const facts = [`${issue.c} ${name}`, issue.a && row.t !== undefined ? `at ${issue.a}` : "", `${issue.f} confidence`, issue.n ?? ""];
    item.append(make("div", "what", facts.filter(Boolean).join(" · ")));
    return item;
  }

  function rowElement(index) {
    const row = rows[index];
    const issues = row.i ?? [];
    const cell = (className, ...children) => {
      const td = make("td", className, ...children);
      td.setAttribute("role", "cell");
      return td;
    };
    const place = row.t === undefined ? `${run.files[row.f]}, the whole document` : `${run.files[row.f]}:${row.l}`;
    const score = cell("score");
    if (row.q !== undefined) {
      const fill = make("span", "");
      fill.style.width = `${row.q}%`;
      const meter = make("span", "meter", fill);
      meter.setAttribute("aria-hidden", "true");
      score.append(make("span", "unseen", "Score "), row.q.toFixed(1), meter);
    } else if (row.k) {
      score.append(make("small", "", `Not scored: ${row.k}`));
    }
    const was = change[index];
    const badges = cell("worst");
    if (worst[index] >= 0) {
      badges.append(make("span", `badge ${SEVERITIES[worst[index]]}`, SEVERITIES[worst[index]]));
      if (issues.length > 1) badges.append(" ", make("small", "", `${issues.length} findings`));
    }
    if (was) {
      badges.append(" ", make("span", `badge ${was[0]}`, was[0]));
      if (was[1] !== null) score.append(" ", make("small", "", `was ${was[1].toFixed(1)}`));
    }
    const texts = make("dl", "texts");
    const line = (name, className, ...nodes) => texts.append(make("dt", "", name), make("dd", className, ...nodes));
    if (row.s !== undefined) line("Source", "side", ...marked(row.s, row.sm ?? [], issues));
    if (row.t !== undefined) line("Target", "main", ...marked(row.t, row.tm ?? [], issues));
    if (was?.[2]) line("Before", "side", was[2]);
    if (row.b !== undefined) line("Back-translation", "side", row.b);
    const text = cell("text");
    if (texts.children.length > 0) text.append(texts);
    if (issues.length > 0) text.append(make("ul", "findings", ...issues.map((issue, i) => finding(issue, row, i))));
    const tr = make("tr", "", cell("at", place), score, badges, text);
    tr.setAttribute("role", "row");
    tr.tabIndex = -1;
    return tr;
  }

  function render(focus) {
    page = Math.min(Math.max(page, 0), pages() - 1);
    const from = page * size();
    const shown = found.slice(from, from + size());
    $("rows").replaceChildren(...shown.map(rowElement));
    current = Math.min(current, Math.max(shown.length - 1, 0));
    const now = $("rows").children[current];
    if (now) {
      now.tabIndex = 0;
      if (focus) now.focus();
    }
    const where = found.length === 0 ? "" : `, ${count(from + 1)} to ${count(from + shown.length)} shown`;
    $("count").textContent = `${count(found.length)} of ${everything}${where}`;
    $("page").textContent = `Page ${count(page + 1)} of ${count(pages())}`;
    $("first").disabled = $("previous").disabled = page === 0;
    $("next").disabled = $("last").disabled = page >= pages() - 1;
    $("pages").hidden = found.length <= 25;
  }

  function turn(to, at, focus) {
    if (to < 0 || to >= pages()) return;
    page = to;
    current = at;
    render(focus);
    if (!focus) $("table").scrollIntoView({ block: "start" });
  }

  function step(by) {
    const elements = $("rows").children;
    if (elements.length === 0) return;
    const inside = $("rows").contains(document.activeElement);
    const next = inside ? current + by : current;
    if (next < 0) return turn(page - 1, size() - 1, true);
    if (next >= elements.length) return turn(page + 1, 0, true);
    elements[current].tabIndex = -1;
    current = next;
    elements[current].tabIndex = 0;
    elements[current].focus();
    return undefined;
  }

  // Events.
  let timer;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(filter, 150);
  };
  for (const id of ["search", "low", "high"]) $(id).addEventListener("input", soon);
  for (const id of ["show", "file", "check", "severity", "order"]) $(id).addEventListener("change", filter);
  $("size").addEventListener("change", () => turn(0, 0));
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("filters").addEventListener("reset", () => setTimeout(() => {
    $("show").value = byDefault;
    filter();
  }));
  $("first").addEventListener("click", () => turn(0, 0));
  $("previous").addEventListener("click", () => turn(page - 1, 0));
  $("next").addEventListener("click", () => turn(page + 1, 0));
  $("last").addEventListener("click", () => turn(pages() - 1, 0));
  $("rows").addEventListener("focusin", (event) => {
    const tr = event.target.closest("tr");
    $("rows").children[current].tabIndex = -1;
    current = [...$("rows").children].indexOf(tr);
    tr.tabIndex = 0;
  });
  // A finding shows its marks, and a mark its finding.
  for (const [type, on] of [["pointerover", true], ["pointerout", false]]) {
    $("rows").addEventListener(type, (event) => {
      const item = event.target.closest?.("[data-issue]");
      if (!item) return;
      for (const mark of item.closest("tr").querySelectorAll("mark")) {
        mark.classList.toggle("seen", on && mark.dataset.issues.split(" ").includes(item.dataset.issue));
      }
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === $("search") && event.key === "Escape") {
      $("search").blur();
      return;
    }
    const typing = event.target.closest?.("input:not([type=checkbox]), select, textarea");
    const inTable = $("rows").contains(event.target);
    const act = () => {
      if (inTable && event.key === "ArrowDown") return () => step(1);
      if (inTable && event.key === "ArrowUp") return () => step(-1);
      if (typing || !$("shortcuts").checked) return null;
      return {
        "/": () => { $("search").focus(); $("search").select(); },
        j: () => step(1),
        k: () => step(-1),
        n: () => turn(page + 1, 0, true),
        p: () => turn(page - 1, 0, true),
      }[event.key];
    };
    const action = act();
    if (action) {
      event.preventDefault();
      action();
    }
  });

  // The overview leads into the table.
  const go = (values) => {
    $("filters").reset();
    setTimeout(() => {
      for (const [id, value] of Object.entries(values)) $(id).value = value;
      filter();
      $("segments-heading").scrollIntoView();
      $("segments-heading").focus({ preventScroll: true });
    });
  };
  const link = (element, values) => {
    const button = make("button", "link", ...element.childNodes);
    button.type = "button";
    button.addEventListener("click", () => go(values()));
    element.replaceChildren(button);
  };
  for (const element of document.querySelectorAll("[data-check]")) link(element, () => ({ show: "findings", check: element.dataset.check }));
  for (const element of document.querySelectorAll("[data-file]")) link(element, () => ({ show: byDefault, file: element.dataset.file }));
  for (const element of document.querySelectorAll("[data-change]")) {
    if (element.textContent !== "0") link(element, () => ({ show: element.dataset.change, order: "score" }));
  }
  // A second time the other way round.
  for (const header of document.querySelectorAll("[data-sort]")) {
    const button = make("button", "link", ...header.childNodes);
    button.type = "button";
    button.addEventListener("click", () => {
      const order = header.dataset.sort;
      $("order").value = order === "score" && $("order").value === "score" ? "score-down" : order;
      filter();
    });
    header.replaceChildren(button);
  }
  for (const bar of document.querySelectorAll(".bar")) {
    if (bar.dataset.label.includes(": 0 ")) continue;
    bar.setAttribute("tabindex", "0");
    bar.setAttribute("role", "button");
    bar.setAttribute("aria-label", bar.dataset.label);
    const act = () => go({ show: "all", low: bar.dataset.low, high: bar.dataset.high, order: "score" });
    bar.addEventListener("click", act);
    bar.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      act();
    });
  }

  // Paper has no pages to turn: all that was found is printed, up to a limit, and beyond it the worst
  // of it, in the order of the table.
  const worstOf = (all, number) => {
    const score = (i) => rows[i].q ?? 101;
    const sorted = [...all].sort((a, b) => worst[b] - worst[a] || score(a) - score(b) || a - b);
    const kept = new Set(sorted.slice(0, number));
    return all.filter((i) => kept.has(i));
  };
  let opened = [];
  addEventListener("beforeprint", () => {
    const isCut = found.length > PRINTED;
    $("rows").replaceChildren(...(isCut ? worstOf(found, PRINTED) : found).map(rowElement));
    $("cut").hidden = !isCut;
    $("cut").textContent = `The worst ${count(PRINTED)} of them are printed: by severity, then by score. Filter the segments to print others.`;
    $("count").textContent = `${count(found.length)} of ${everything}`;
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const element of opened) element.open = true;
  });
  addEventListener("afterprint", () => {
    $("cut").hidden = true;
    for (const element of opened) element.open = false;
    render();
  });

  // The theme is remembered where the browser lets a file remember.
  const remembered = (value) => {
    try {
      if (value === undefined) return localStorage.getItem("cermat-theme") ?? "";
      localStorage.setItem("cermat-theme", value);
    } catch {
      // Not remembered, then.
    }
    return "";
  };
  const theme = (value) => {
    if (value) document.documentElement.dataset.theme = value;
    else delete document.documentElement.dataset.theme;
  };
  $("theme").value = remembered();
  theme($("theme").value);
  $("theme").addEventListener("change", () => {
    theme($("theme").value);
    remembered($("theme").value);
  });

  for (const element of document.querySelectorAll(".theme, #filters, #table, #keys")) element.hidden = false;
  $("show").value = byDefault;
  filter();
})();
