// Try a photo, and take the classifier along.
import { useEffect, useRef, useState } from "preact/hooks";
import { Card } from "../app";
import type { Judged, Seen } from "../model";
import { run, trouble } from "../state";
import { Camera } from "./camera";
import { Reasons } from "./reasons";
import { dropped } from "./files";
import { server } from "./photos";
import { Same } from "./same";

export function Use() {
  const now = run.value;
  const [seen, setSeen] = useState<Seen | null>(null);
  const [shown, setShown] = useState("");
  const [photo, setPhoto] = useState<Blob | null>(null);
  const [camera, setCamera] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  if (!now?.result) return <><h1>Use it</h1><Card><p class="lead">When it has learned, it can be tried here.</p></Card></>;
  const address = `/api/judge/${encodeURIComponent(now.name)}`;
  const look = async (photo: Blob) => {
    setPhoto(photo);
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
          {seen && photo && <Answer seen={seen} shown={shown} photo={photo} address={address} />}
        </Card>
        <Take address={address} />
      </div>
      <Same words={now.same["use"]} />
    </>
  );
}

function Answer({ seen, shown, photo, address }: { seen: Seen; shown: string; photo: Blob; address: string }) {
  const order = seen.chances.map((_, place) => place).sort((a, b) => seen.chances[b]! - seen.chances[a]!).slice(0, 6);
  return (
    <div class="answer" role="status">
      <div class="photo-pair">
        <figure><img src={shown} alt="The photo" /><figcaption>your photo</figcaption></figure>
        <figure><img src={seen.sees} alt="" /><figcaption>what the network sees</figcaption></figure>
      </div>
      <p class="lead"><b>{seen.says[0]}</b></p>
      <ul class="chances">
        {order.map((place) => (
          <li key={place}><span>{seen.classes[place]}</span><i style={{ width: `${100 * seen.chances[place]!}%` }} class={place === seen.said ? "said" : ""} /><b>{Math.round(100 * seen.chances[place]!)} %</b></li>
        ))}
      </ul>
      {seen.says.slice(1).map((sentence) => <p class="soft" key={sentence}>{sentence}</p>)}
      {seen.nearest.length > 0 && <section aria-label="Photos it is most like">
        <h3>Of what it learned from, it is most like</h3>
        <ul class="mistakes like">
          {seen.nearest.map((one) => <li key={one.photo}><img src={`${address}/photo?photo=${encodeURIComponent(one.photo)}`} alt="" width="104" height="104" loading="lazy" /><span>{one.label}</span></li>)}
        </ul>
      </section>}
      <Reasons address={address} photo={photo} />
    </div>
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
