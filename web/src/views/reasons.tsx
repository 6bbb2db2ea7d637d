// Why a photo is called what it is called: a map of what speaks for it, beside that of a network that has learned nothing.
import { useEffect, useRef, useState } from "preact/hooks";
import { colour, figure, isDark } from "../charts/colour";
import type { Why } from "../model";
import { server } from "./photos";

const METHODS = [["integrated_gradients", "Integrated gradients"], ["occlusion", "Occlusion"], ["gradient_x_input", "Gradient × input"]];

export function Reasons({ address, photo }: { address: string; photo: Blob }) {
  const [method, setMethod] = useState(METHODS[0]![0]!);
  const [strength, setStrength] = useState(0.75);
  const [why, setWhy] = useState<Why | null>(null);
  const [failed, setFailed] = useState("");
  useEffect(() => {
    let current = true;
    setWhy(null);
    setFailed("");
    void server().post<Why>(`${address}/explain?method=${method}`, photo).then(
      (found) => { if (current) setWhy(found); }, (error: Error) => { if (current) setFailed(error.message); },
    );
    return () => { current = false; };
  }, [address, photo, method]);
  return (
    <section class="reasons-why" aria-busy={!why && !failed}>
      <h3>Why?</h3>
      <label class="soft">How it is found <select value={method} onChange={(event) => setMethod(event.currentTarget.value)}>
        {METHODS.map(([word, name]) => <option key={word} value={word}>{name}</option>)}
      </select></label>
      {failed && <p role="alert">{failed}</p>}
      {!why && !failed && <p class="soft" role="status">Asking the network, and three with shuffled weights …</p>}
      {why && <>
        <div class="photo-pair">
          <Heat cells={why.cells} sees={why.sees} strength={strength} title={`why “${why.label}”`} label={why.label} />
          <Heat cells={why.twin} sees={why.sees} strength={strength} title="the same, with its weights shuffled" label={why.label} />
        </div>
        <Key cells={why.cells} label={why.label} />
        <label class="soft overlay">Overlay <input type="range" min="0" max="1" step="0.05" value={strength} onInput={(event) => setStrength(Number(event.currentTarget.value))} /></label>
        {why.told.parts.map((part) => (
          <div key={part.heading}><h4>{part.heading.charAt(0) + part.heading.slice(1).toLowerCase()}</h4>{part.sentences.map((sentence) => <p key={sentence}>{sentence}</p>)}</div>
        ))}
      </>}
    </section>
  );
}

const top = (cells: number[][]) => Math.max(...cells.flat().map(Math.abs), 1e-9);

function Heat({ cells, sees, strength, title, label }: { cells: number[][]; sees: string; strength: number; title: string; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = isDark.value;
  useEffect(() => {
    const pen = canvas.current?.getContext("2d");
    cells.forEach((row, y) => row.forEach((points, x) => {
      if (pen) { pen.fillStyle = colour(points, top(cells)); pen.fillRect(x, y, 1, 1); }
    }));
  }, [cells, dark]);
  return (
    <figure class="heat">
      <div>
        <img src={sees} alt="" />
        <canvas ref={canvas} width={cells[0]?.length} height={cells.length} style={{ opacity: strength }} role="img" aria-label={`${title}: strongest ${figure(top(cells))} percentage points for or against ${label}`} />
      </div>
      <figcaption>{title}</figcaption>
    </figure>
  );
}

/** The colours in words. */
function Key({ cells, label }: { cells: number[][]; label: string }) {
  const most = top(cells);
  const shares = Array.from({ length: 21 }, (_, place) => (place - 10) / 10);
  return (
    <p class="heat-key">
      <span>− against “{label}”</span>
      <span class="ramp" aria-hidden="true" style={{ background: `linear-gradient(to right, ${shares.map((share) => colour(share, 1)).join(",")})` }} />
      <span>+ for “{label}”, up to {figure(most)} percentage points a square</span>
    </p>
  );
}
