// Try a photo, and take the classifier along.
import { useEffect, useRef, useState } from "preact/hooks";
import { Card } from "../app";
import { colour, figure, isDark } from "../charts/colour";
import type { Judged, Seen } from "../model";
import { run, trouble } from "../state";
import { Camera } from "./camera";
import { dropped } from "./files";
import { server } from "./photos";
import { Same } from "./same";

export function Use() {
  const now = run.value;
  const [seen, setSeen] = useState<Seen | null>(null);
  const [shown, setShown] = useState("");
  const [camera, setCamera] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  if (!now?.result) return <><h1>Use it</h1><Card><p class="lead">When it has learned, it can be tried here.</p></Card></>;
  const address = `/api/judge/${encodeURIComponent(now.name)}`;
  const look = async (photo: Blob) => {
    setShown((before) => { if (before) URL.revokeObjectURL(before); return URL.createObjectURL(photo); });
    try {
      setSeen(await server().post<Seen>(`${address}/look`, photo));
      trouble.value = "";
    } catch (error) {
      setSeen(null);
      trouble.value = (error as Error).message;
    }
  };
  return (
    <>
      <h1>Use it</h1>
      <div class="grid two">
        <Card title="Try a photo">
          <div class="drop" onDragOver={(event) => event.preventDefault()} onDrop={(event) => {
            event.preventDefault();
            if (event.dataTransfer) void dropped(event.dataTransfer).then((given) => { if (given[0]) void look(given[0].file); });
          }}>
            <p>Drop a photo here, or</p>
            <div class="actions">
              <button class="main" onClick={() => input.current?.click()}>Choose a photo</button>
              <button onClick={() => setCamera(!camera)} aria-expanded={camera}>Webcam</button>
            </div>
            <input ref={input} type="file" accept="image/*" hidden aria-label="A photo to try" onChange={(event) => { const file = event.currentTarget.files?.[0]; if (file) void look(file); event.currentTarget.value = ""; }} />
          </div>
          {camera && <Camera once onPhoto={(photo) => void look(photo)} />}
          {seen && <Answer seen={seen} shown={shown} />}
        </Card>
        <Take address={address} />
      </div>
      <Same words={now.same["use"]} />
    </>
  );
}

function Answer({ seen, shown }: { seen: Seen; shown: string }) {
  const order = seen.chances.map((_, place) => place).sort((a, b) => seen.chances[b]! - seen.chances[a]!).slice(0, 6);
  return (
    <div class="answer" role="status">
      <div class="photo-pair">
        <figure><img src={shown} alt="The photo" /><figcaption>your photo</figcaption></figure>
        <Heat seen={seen} />
      </div>
      <p class="lead"><b>{seen.says[0]}</b></p>
      <ul class="chances">
        {order.map((place) => (
          <li key={place}><span>{seen.classes[place]}</span><i style={{ width: `${100 * seen.chances[place]!}%` }} class={place === seen.said ? "said" : ""} /><b>{Math.round(100 * seen.chances[place]!)} %</b></li>
        ))}
      </ul>
      {seen.says.slice(1).map((sentence) => <p class="soft" key={sentence}>{sentence}</p>)}
    </div>
  );
}

/** What the network sees, and which parts speak for its answer. */
function Heat({ seen }: { seen: Seen }) {
  const [strength, setStrength] = useState(0.6);
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = isDark.value;
  const top = Math.max(...seen.heat.flat().map(Math.abs), 1e-6);
  useEffect(() => {
    const pen = canvas.current?.getContext("2d");
    seen.heat.forEach((row, y) => row.forEach((drop, x) => {
      if (pen) { pen.fillStyle = colour(drop, top); pen.fillRect(x, y, 1, 1); }
    }));
  }, [seen, dark]);
  return (
    <figure class="heat">
      <div><img src={seen.sees} alt="What the network sees" /><canvas ref={canvas} width={seen.heat[0]?.length} height={seen.heat.length} style={{ opacity: strength }} aria-hidden="true" /></div>
      <figcaption>Blue speaks for “{seen.classes[seen.said]}”: covered, it falls by up to {figure(100 * top)} points.</figcaption>
      <label class="soft">Overlay <input type="range" min="0" max="1" step="0.05" value={strength} onInput={(event) => setStrength(Number(event.currentTarget.value))} /></label>
    </figure>
  );
}

function Take({ address }: { address: string }) {
  const [judged, setJudged] = useState<Judged | null>(null);
  useEffect(() => { void server().get<Judged>(`${address}/photos`).then(setJudged, () => undefined); }, [address]);
  return (
    <Card title="Take it along">
      <p>One file holds the network, the names of its classes, and how a photo becomes what it sees. Keras 3 opens it, too.</p>
      <p><a class="button" href={`${address}/model`} download>Download the model (.keras)</a></p>
      <p role="status">{judged ? judged.says : "Checking the file …"}</p>
    </Card>
  );
}
