// How good it is, and which photos are behind each number.
import { useEffect, useState } from "preact/hooks";
import { Card } from "../app";
import type { Judged, Result, Run } from "../model";
import { go, run, source } from "../state";
import { server } from "./photos";
import { Same } from "./same";

type Row = { photo: string; label: string; said: string; probability: number; picture?: string };

export function Results() {
  const now = run.value;
  const result = now?.result;
  const [judged, setJudged] = useState<Judged | null>(null);
  useEffect(() => {
    setJudged(null);
    if (!result || source.kind !== "server") return;
    let wanted = true;
    void server().get<Judged>(`/api/judge/${encodeURIComponent(now.name)}/photos`).then((found) => { if (wanted) setJudged(found); }, () => undefined);
    return () => { wanted = false; };
  }, [now?.name, Boolean(result)]);
  if (!now || !result) {
    return <><h1>Results</h1><Card><p class="lead">{now?.state === "running" ? "It is still learning. Results come when it is done." : "No results yet."}</p></Card></>;
  }
  const rows: Row[] = judged
    ? judged.photos.map((one) => ({ ...one, label: judged.classes[one.label]!, said: judged.classes[one.said]! }))
    : result.mistakes;
  return (
    <>
      <h1>Results</h1>
      <div class="grid">
        <Score run={now} result={result} />
        {judged && <Sure rows={rows} />}
        <Confusion result={result} rows={rows} runName={now.name} hasAll={Boolean(judged)} />
        {judged && <Card class="wide" title="The model file"><p>{judged.says}</p><button onClick={() => go({ screen: "use" })}>Use it</button></Card>}
      </div>
      <Same words={now.same["results"]} />
    </>
  );
}

function Score({ run, result }: { run: Run; result: Result }) {
  return (
    <Card title="How good it is">
      <p class="big">{Math.round(100 * result.accuracy)}<small> %</small></p>
      <div class="range" role="img" aria-label={`likely between ${Math.round(100 * result.low)} and ${Math.round(100 * result.high)} %; always the same: ${Math.round(100 * result.baseline.accuracy)} %`}>
        <i style={{ left: `${100 * result.low}%`, width: `${100 * (result.high - result.low)}%` }} />
        <b style={{ left: `${100 * result.accuracy}%` }} />
        <em style={{ left: `${100 * result.baseline.accuracy}%` }} />
      </div>
      <p class="ends"><span>0</span><span>100 %</span></p>
      {run.score.map((sentence) => <p key={sentence}>{sentence}</p>)}
      <p class="soft">Epoch {result.kept_epoch} of {result.epochs} was kept.</p>
    </Card>
  );
}

function Confusion({ result, rows, runName, hasAll }: { result: Result; rows: Row[]; runName: string; hasAll: boolean }) {
  const [cell, setCell] = useState<[number, number] | null>(null);
  const { classes, confusion } = result;
  const shown = rows
    .filter((row) => (cell ? row.label === classes[cell[0]] && row.said === classes[cell[1]] : row.label !== row.said))
    .sort((a, b) => b.probability - a.probability);
  return (
    <Card class="wide" title="What was taken for what" aside={cell && <button class="quiet" onClick={() => setCell(null)}>All mistakes</button>}>
      <div class="scroll" tabIndex={0} role="region" aria-label="Table of what was taken for what">
        <table class="confusion">
          <thead><tr><td>is ↓, called →</td>{classes.map((name) => <th scope="col" key={name}>{name}</th>)}</tr></thead>
          <tbody>
            {confusion.map((counts, really) => {
              const all = counts.reduce((sum, count) => sum + count, 0) || 1;
              return (
                <tr key={really}>
                  <th scope="row">{classes[really]}</th>
                  {counts.map((count, said) => (
                    <td key={said}>
                      <button aria-pressed={cell?.[0] === really && cell[1] === said} disabled={!count} class={really === said ? "right" : "wrong"}
                        style={{ "--share": String(count / all) }} aria-label={`${count} ${classes[really]} called ${classes[said]}`} onClick={() => setCell([really, said])}>
                        {count}{count > 0 && <span aria-hidden="true">{really === said ? " ✓" : " ✗"}</span>}
                      </button>
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <h3>{cell ? `${classes[cell[0]]}, called ${classes[cell[1]]}` : "Worst mistakes, the surest first"}</h3>
      {!shown.length && <p class="soft">{cell && !hasAll ? "These photos are not listed here." : "None."}</p>}
      <ul class="mistakes">
        {shown.slice(0, 36).map((row) => (
          <li key={row.photo}>
            <Photo row={row} runName={runName} />
            <span><b>{row.said}</b> {Math.round(100 * row.probability)} %</span>
            <small class="soft">{row.label === row.said ? "right" : `really ${row.label}`}</small>
            {source.kind !== "server" && <small class="soft">{row.photo}</small>}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Photo({ row, runName }: { row: Row; runName: string }) {
  const from = row.picture ?? (source.kind === "server" ? `/api/judge/${encodeURIComponent(runName)}/photo?${new URLSearchParams({ photo: row.photo })}` : "");
  return from ? <img src={from} alt={row.photo} width="96" height="96" loading="lazy" /> : null;
}

function Sure({ rows }: { rows: Row[] }) {
  const [limit, setLimit] = useState(0.6);
  const sure = rows.filter((row) => row.probability >= limit);
  const right = sure.filter((row) => row.label === row.said).length;
  const counts: [string, number, string][] = [["right", right, "✓"], ["wrong", sure.length - right, "✗"], ["not sure", rows.length - sure.length, "?"]];
  return (
    <Card title="When should it say “not sure”?">
      <label class="slider">Below {Math.round(100 * limit)} %
        <input type="range" min="0" max="0.99" step="0.01" value={limit} onInput={(event) => setLimit(Number(event.currentTarget.value))} />
      </label>
      <div class="stack" role="img" aria-label={counts.map(([word, count]) => `${count} ${word}`).join(", ")}>
        {counts.map(([word, count]) => <i key={word} class={word.replace(" ", "-")} style={{ flexGrow: count }} />)}
      </div>
      <ul class="counts">{counts.map(([word, count, sign]) => <li key={word}><span aria-hidden="true">{sign}</span> <b>{count}</b> {word}</li>)}</ul>
    </Card>
  );
}
