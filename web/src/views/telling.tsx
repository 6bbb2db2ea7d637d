// What Python tells, drawn: sentences, tables, equations, lines of the program.
import type { Line, Part, Phase, Told } from "../model";
import { Formula } from "./formula";

const PHASE_OF: [RegExp, Phase][] = [[/FORWARD/, "forward"], [/LOSS/, "loss"], [/BACKWARD/, "backward"], [/UPDATE|PUSHED|CHECK/, "update"]];

export function phaseOf(part: Part): Phase | null {
  return PHASE_OF.find(([words]) => words.test(part.heading))?.[1] ?? null;
}

/** The part of a telling that a phase is about. */
export function partOf(told: Told, phase: Phase): Part | undefined {
  return told.parts.find((part) => phaseOf(part) === phase);
}

/** What belongs to a phase: its parts and those that belong to none. */
export function partsOf(told: Told, phase: Phase): Part[] {
  const found = told.parts.filter((part) => phaseOf(part) === phase || phaseOf(part) === null);
  return found.length || told.place !== "weight" ? found : told.parts;
}

export function Telling({ part }: { part: Part | undefined }) {
  if (!part) return null;
  return (
    <div class="telling">
      {part.heading && <h3>{heading(part.heading)}</h3>}
      {part.sentences.map((sentence, number) => <p key={number}>{sentence}</p>)}
      {part.equations.length > 0 && <div class="equations" tabIndex={0} role="region" aria-label="The formula with its numbers">{part.equations.map((equation, number) => <Formula key={number} equation={equation} />)}</div>}
      {part.table.length > 1 && <Table rows={part.table} label={part.heading || "Numbers"} />}
      {part.lines.length > 0 && <Lines lines={part.lines} />}
    </div>
  );
}

function heading(text: string): string {
  const clean = text.replace(/^\d+ /, "").toLowerCase();
  return clean.charAt(0).toUpperCase() + clean.slice(1);
}

function Table({ rows, label }: { rows: string[][]; label: string }) {
  const [head, ...body] = rows;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead><tr>{head!.map((cell, column) => (cell ? <th scope="col" key={column}>{cell}</th> : <td key={column} />))}</tr></thead>
        <tbody>
          {body.map((row, number) => (
            <tr key={number}>{row.map((cell, column) => (column ? <td key={column}>{minus(cell)}</td> : <th scope="row" key={column}>{cell}</th>))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function minus(text: string): string {
  return text.replace(/^-(?=[\d.])/, "−");
}

const SHOWN = 60;

function Lines({ lines }: { lines: Line[] }) {
  return (
    <details class="lines" open={lines.length <= 12}>
      <summary>{lines.length} lines of the program</summary>
      <ol>
        {lines.slice(0, SHOWN).map((line) => (
          <li key={line.number}><code>{line.line}</code><small><code>{line.math}</code> {line.says}</small></li>
        ))}
      </ol>
      {lines.length > SHOWN && <p class="soft">and {lines.length - SHOWN} more; <code>pippin program</code> prints all.</p>}
    </details>
  );
}
