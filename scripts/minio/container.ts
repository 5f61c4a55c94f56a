import { createHash } from "node:crypto";
import { copyFile, link, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { ContainerRuntimeClient } from "testcontainers";
import { freePort } from "./free-port.ts";
import { credentials, environment, type OwnMinio } from "./minio.ts";
import { untilReady } from "./ready.ts";

const PORT = 9000;
/** A label that says which process started the container and is to remove it. */
const OWNER = "pagurus.minio.owner";
const ownerOf = (pid: number | string): string => `${hostname()} ${pid}`;

const dockerfile = `FROM scratch
COPY minio /minio
VOLUME /data
ENTRYPOINT ["/minio"]
`;

type Container = ReturnType<ContainerRuntimeClient["container"]["getById"]>;

/** The server in a container that testcontainers starts, with a volume of its own. */
export class MinioContainer implements OwnMinio {
  readonly accessKey = credentials.accessKey;
  readonly secretKey = credentials.secretKey;
  readonly url: string;
  readonly how: string;
  readonly #container: Container;

  private constructor(container: Container, url: string, image: string) {
    this.#container = container;
    this.url = url;
    this.how = `a container of ${image}`;
  }

  static async start(image: string): Promise<MinioContainer> {
    const { GenericContainer, Wait } = await testcontainers();
    const client = await containerEngine();
    await removeAbandoned(client);
    // A port of our choice: one that Docker chooses is another one after a restart.
    const started = await new GenericContainer(image)
      .withCommand(["server", "/data", "--address", `:${PORT}`])
      .withEnvironment(environment)
      .withLabels({ [OWNER]: ownerOf(process.pid) })
      .withExposedPorts({ container: PORT, host: await freePort() })
      .withWaitStrategy(Wait.forHttp("/minio/health/cluster", PORT))
      .start();
    const url = `http://${started.getHost()}:${started.getMappedPort(PORT)}`;
    return new MinioContainer(client.container.getById(started.getId()), url, image);
  }

  async kill(): Promise<void> {
    await this.#container.kill();
  }

  async start(): Promise<void> {
    await this.#container.start();
    await untilReady(this.url);
  }

  async pause(): Promise<void> {
    await this.#container.pause();
  }

  async resume(): Promise<void> {
    await this.#container.unpause();
  }

  async stop(): Promise<void> {
    await this.#container.remove({ force: true, v: true });
  }
}

/** Rejects where no Docker engine answers. */
export const containerEngine = async (): Promise<ContainerRuntimeClient> =>
  (await testcontainers()).getContainerRuntimeClient();

/** Answers the name of an image that holds nothing but this binary, which must be static. */
export const imageOf = async (binary: string): Promise<string> => {
  const { GenericContainer, ImageName } = await testcontainers();
  const { size, mtimeMs } = await stat(binary);
  const tag = createHash("sha256").update(`${binary} ${size} ${mtimeMs} ${dockerfile}`).digest("hex");
  const image = `pagurus-minio:${tag.slice(0, 16)}`;
  if (await (await containerEngine()).image.exists(ImageName.fromString(image))) return image;
  const context = await mkdtemp(join(tmpdir(), "pagurus-minio-image-"));
  try {
    await link(binary, join(context, "minio")).catch(() => copyFile(binary, join(context, "minio")));
    await writeFile(join(context, "Dockerfile"), dockerfile);
    await GenericContainer.fromDockerfile(context).build(image, { deleteOnExit: false });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
  return image;
};

/** Imported when it is needed: it is for development, and takes a while. */
const testcontainers = () => {
  // What it would remove containers with has to be downloaded; we remove our own.
  process.env["TESTCONTAINERS_RYUK_DISABLED"] ??= "true";
  return import("testcontainers");
};

/** Removes what processes of this host left that were killed before they could. */
const removeAbandoned = async ({ container }: ContainerRuntimeClient): Promise<void> => {
  const found = await container.dockerode.listContainers({ all: true, filters: { label: [OWNER] } });
  for (const { Id, Labels } of found) {
    const pid = Labels[OWNER]?.split(" ").at(-1) ?? "";
    if (Labels[OWNER] !== ownerOf(pid) || isAlive(Number(pid))) continue;
    // Somebody else may do the same.
    await container.dockerode
      .getContainer(Id)
      .remove({ force: true, v: true })
      .catch(() => undefined);
  }
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};
