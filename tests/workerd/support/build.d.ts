/**
 * The built Worker, for modules that run in workerd: there `/` is the project. The types are checked without a build, and
 * never look into one.
 */
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
