// An equation of the glass box as MathML: with names, then with its numbers, then its result. Only the writing is done
// here: what stands in it, Python says.
import { createElement, type VNode } from "preact";
import { figure } from "../charts/colour";
import type { Equation } from "../model";

const m = (tag: string, content: unknown, props: Record<string, unknown> = {}): VNode => createElement(tag as "div", props, content as VNode[]) as VNode;

/** Text such as "√(1 - 0.9 ^ step) · m[0,3]" as MathML tokens; a root and a power take what follows them. */
export function written(text: string): VNode[] {
  const tokens = text.match(/\d*\.?\d+(?:e[+-]?\d+)?|%?[\p{L}_][\p{L}\p{N}_./]*(?:\s(?=[\p{L}])[\p{L}_][\p{L}\p{N}_./]*)*(?:\[[^\]]*\])?|\s+|./gu) ?? [];
  let place = 0;
  const row = (until: string | null): VNode[] => {
    const found: VNode[] = [];
    while (place < tokens.length) {
      const token = tokens[place++]!;
      if (token === until) break;
      if (/^\s+$/.test(token)) continue;
      if (token === "(") found.push(m("mrow", [m("mo", "("), ...row(")"), m("mo", ")")]));
      else if (token === "√") found.push(m("msqrt", operand()));
      else if (token === "^" && found.length) found.push(m("msup", [found.pop()!, m("mrow", operand())]));
      else found.push(one(token));
    }
    return found;
  };
  const operand = (): VNode[] => {
    while (/^\s+$/.test(tokens[place] ?? "")) place++;
    const token = tokens[place++] ?? "";
    if (token === "(") return row(")");
    if (token === "-") return [m("mo", "−"), ...operand()];
    return [one(token)];
  };
  return row(null);
}

function one(token: string): VNode {
  if (/^\d|^\.\d/.test(token)) return m("mn", token.replace("-", "−"));
  if (token === "*" || token === "·") return m("mo", "·");
  if (token === "-") return m("mo", "−");
  if (token.startsWith("Σ_")) return m("msub", [m("mo", "Σ"), m("mi", token.slice(2))]);
  const [, name, index] = token.match(/^(.+?)(\[.*\])?$/su) ?? [];
  if (/^%?[\p{L}_]/u.test(token)) {
    const word = m("mi", name ?? token, { mathvariant: "normal" });
    return index ? m("msub", [word, m("mtext", index.slice(1, -1))]) : word;
  }
  return m("mo", token);
}

/** A long row in pieces that fit the panel, broken before operators that stand in no brackets. */
export function broken(text: string, longest = 46): string[] {
  const pieces = [""];
  let depth = 0;
  for (const part of text.split(/(?= [-+·/] )/u)) {
    const last = pieces.length - 1;
    if (depth === 0 && pieces[last] && (pieces[last] + part).length > longest) pieces.push(part.trim());
    else pieces[last] += part;
    for (const sign of part) depth += sign === "(" ? 1 : sign === ")" ? -1 : 0;
  }
  return pieces;
}

export function Formula({ equation }: { equation: Equation }) {
  const result = typeof equation.result === "number" ? figure(equation.result) : String(equation.result);
  const rows = [equation.formula, equation.numbers].filter((row, number, all) => row && (number === 0 || row !== all[0]));
  const last = rows.at(-1) === result ? [] : [result];
  return (
    <div class="equation">
      {m("math", m("mtable", [...rows, ...last].flatMap((row, number) => broken(row).map((piece, part) => m("mtr", [
        m("mtd", number || part ? "" : written(equation.name)), m("mtd", part ? "" : m("mo", "=")),
        m("mtd", m("mrow", written(piece)), { class: number === rows.length ? "result" : undefined }),
      ])))), { display: "block" })}
    </div>
  );
}
