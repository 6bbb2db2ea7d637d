export function Photos() { return <h1>Photos</h1>; }
