export function Check() { return <h1>Check</h1>; }
