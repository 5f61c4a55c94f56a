import { buildBinary } from "./build.ts";
import { containerEngine, imageOf, MinioContainer } from "./container.ts";
import type { Minio, OwnMinio } from "./minio.ts";
import { findBinary } from "./place.ts";
import { MinioProcess } from "./process.ts";

export interface ProvideOptions {
  /** Whether to build the server where there is none, which takes minutes; otherwise that is refused. */
  readonly build?: boolean;
}

/** The server that `PAGURUS_MINIO_URL` names, which others use too; else one of one's own. */
export const provideMinio = async (options?: ProvideOptions): Promise<Minio> =>
  givenMinio() ?? startMinio(options);

/** A server of one's own: in a container where a Docker engine answers, else a plain process. */
export const startMinio = async ({ build = false }: ProvideOptions = {}): Promise<OwnMinio> => {
  const form = formWanted();
  const { PAGURUS_MINIO_IMAGE: image = "" } = process.env;
  const binary = async () => {
    const found = (await findBinary()) ?? (build ? await buildBinary() : undefined);
    if (found === undefined) throw new Error(`there is no MinIO server; ${howToGet}`);
    return found;
  };
  if (form === "container" || (form === undefined && (await hasEngine())))
    return MinioContainer.start(image || (await imageOf(await binary())));
  return MinioProcess.start(await binary());
};

/** Why none can be had without building; undefined where one can. */
export const lackOfMinio = async (): Promise<string | undefined> => {
  if (givenMinio()) return undefined;
  const form = formWanted();
  if (form === "container" && !(await hasEngine()))
    return "no Docker engine answers, and PAGURUS_MINIO_FORM wants a container";
  const { PAGURUS_MINIO_IMAGE: image = "" } = process.env;
  if (image !== "" && form !== "process" && (await hasEngine())) return undefined;
  return (await findBinary()) === undefined ? `there is no MinIO server; ${howToGet}` : undefined;
};

/** With which processes that are started use this server too. */
export const environmentFor = ({
  url,
  accessKey,
  secretKey,
}: Minio): { readonly PAGURUS_MINIO_URL: string } => {
  const given = new URL(url);
  [given.username, given.password] = [encodeURIComponent(accessKey), encodeURIComponent(secretKey)];
  return { PAGURUS_MINIO_URL: given.href };
};

const howToGet = "`npm run minio` builds one with Go, and README.md says where else it is looked for";

const forms = ["container", "process"] as const;
type Form = (typeof forms)[number];

const formWanted = (): Form | undefined => {
  const { PAGURUS_MINIO_FORM: wanted = "" } = process.env;
  const form = forms.find((one) => one === wanted);
  if (wanted !== "" && form === undefined)
    throw new Error(`PAGURUS_MINIO_FORM is ${wanted}; it is to be ${forms.join(" or ")}`);
  return form;
};

const hasEngine = (): Promise<boolean> =>
  containerEngine().then(
    () => true,
    () => false,
  );

const givenMinio = (): Minio | undefined => {
  const { PAGURUS_MINIO_URL: given = "" } = process.env;
  if (given === "") return undefined;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url?.username || !url.password || url.pathname !== "/")
    throw new Error("PAGURUS_MINIO_URL is to be http://<access key>:<secret key>@<host>:<port>");
  return {
    url: url.origin,
    accessKey: decodeURIComponent(url.username),
    secretKey: decodeURIComponent(url.password),
    how: "PAGURUS_MINIO_URL",
    stop: async () => undefined,
  };
};
