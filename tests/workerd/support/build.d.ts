/** The built Worker, which need not be there for its tests to be checked. */
declare module "*/build/index.js" {
  type Environment = Record<string, any>;

  export class ImageMaker {
    constructor(state: DurableObjectState, env: Environment);
    fetch(request: Request): Promise<Response>;
    alarm(): Promise<void>;
  }

  export class KeyRing {
    constructor(state: DurableObjectState, env: Environment);
    fetch(request: Request): Promise<Response>;
  }

  const handler: { fetch(request: Request, env: Environment, context: object): Promise<Response> };
  export default handler;
}

/** As much of it as the tests ask for. */
interface DurableObjectState {
  storage: { getAlarm(): Promise<number | null> };
}
