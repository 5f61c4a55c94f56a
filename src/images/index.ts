export { compareImage } from "./compare-image.ts";
export { IMAGE_FORMATS, type ImageFormat, namedFormat } from "./format.ts";
export { type FoundImage, inspectImage } from "./inspect.ts";
export { createImage, type ImageFile, openImage } from "./open.ts";
export {
  demandFreePlace,
  demandSpaceFor,
  imageExists,
  nameImage,
  removeImage,
  unnameImage,
} from "./place.ts";
export { demandPrograms } from "./program.ts";
export { sendImage } from "./send-image.ts";
