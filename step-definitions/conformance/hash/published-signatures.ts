/** What an algorithm makes of nothing, of `abc` and of a million times `a`, as its specification or its authors' tools say. */
export const publishedSignatures: Readonly<Record<string, readonly [string, string, string]>> = {
  sha256: [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
  ],
  sha512: [
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973ebde0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b",
  ],
  blake2b512: [
    "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce",
    "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
    "98fb3efb7206fd19ebf69b6f312cf7b64e3b94dbe1a17107913975a793f177e1d077609d7fba363cbba00d05f7aa4e4fa8715d6428104c0a75643b0ff3fd3eaf",
  ],
  blake3: [
    "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
    "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
    "616f575a1b58d4c9797d4217b9730ae5e6eb319d76edef6549b46f4efe31ff8b",
  ],
  xxh64: ["ef46db3751d8e999", "44bc2cf5ad770999", "dc483aaa9b4fdc40"],
  xxh3: ["2d06800538d394c2", "78af5f94892f3950", "b1fd6fae5285c4eb"],
  xxh128: [
    "99aa06d3014798d86001c324468d497f",
    "06b05ab6733a618578af5f94892f3950",
    "a545df8e384a9579b1fd6fae5285c4eb",
  ],
};

/** What the signatures above are of. */
export const publishedContents = ["", "abc", "a".repeat(1_000_000)] as const;

/** Algorithms of any length for which somebody has found two contents with one signature, or could. */
export const weakAlgorithms: ReadonlySet<string> = new Set([
  "md4",
  "md5",
  "sha1",
  "ripemd160",
  "crc32",
  "crc32c",
]);
