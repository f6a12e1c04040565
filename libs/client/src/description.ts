// Made from /openapi.json by "npm run client". A test compares it with what the server describes; do not edit it.

export interface components {
  schemas: {
    PersonFields: {
      /** Name of the person. */
      name: string
      /** Id of the person in your own system; empty: none. */
      externalId?: string | null
      metadata?: { [key: string]: unknown } | null
      /** Groups of the person. */
      groups?: string[] | null
      /** When the person is to vanish; ISO-8601, UTC if it names no zone. Must be in the future. */
      expireAt?: string | null
      /** Seconds to live; what older clients send instead of expireAt. */
      ttl?: number | null
    }
    /** Fields left out stay as they are. */
    PersonToUpdateFields: {
      name?: string | null
      /** Null or an empty one takes it away. */
      externalId?: string | null
      /** Replaces the old metadata whole. */
      metadata?: { [key: string]: unknown } | null
      /** Groups of the person. */
      groups?: string[] | null
      /** When the person is to vanish; null: never. Must be in the future. */
      expireAt?: string | null
      /** Seconds to live from now on, instead of expireAt; null: no end. */
      ttl?: number | null
    }
    MergePersonRequest: {
      /** The other one, who is there no more afterwards. */
      otherId: string
      /** Takes the other one's external id away. Without it two that differ are refused. */
      dropExternalId?: boolean
    }
    /** Other fields of the contract have no effect. */
    AddImageToPersonRequest: {
      /** JPEG, PNG, WebP, TIFF, GIF (first frame), AVIF, BMP or JPEG 2000. */
      image: {
        /** Not used: the picture itself tells. */
        contentType?: string | null
        /** The picture in Base64; a data-URI prefix is fine. */
        content?: unknown | null
        /** Where to get the picture. */
        imageUrl?: string | null
        /** Shrinks the picture to fit inside before anything else; never enlarges it. */
        resizeOptions?: {
          /** Greatest width, px. */
          width?: number | null
          /** Greatest height, px. */
          height?: number | null
          /** JPEG quality, percent; 100 if left out. */
          quality?: number | null
        } | null
      }
      /** Ours: what the face must comply with, or 400 is answered; left out: what the server asks for. */
      quality?:
        | (
            | ('off' | 'standard' | 'strict')
            | {
                name:
                  | 'faceQuality'
                  | 'faceQuality.size'
                  | 'faceQuality.sharpness'
                  | 'faceQuality.exposure'
                  | 'faceQuality.pose'
                  | 'faceQuality.covering'
                  | 'faceQuality.detection'
                  | 'faceQuality.landmarks'
                  | 'faceQuality.agreement'
                  | 'faceQuality.norm'
                  | 'ImageWidth'
                  | 'ImageHeight'
                  | 'ImageWidthToHeight'
                  | 'ImageChannelsNumber'
                  | 'PaddingRatio'
                  | 'ArtFace'
                  | 'FaceMidPointHorizontalPosition'
                  | 'FaceMidPointVerticalPosition'
                  | 'HeadWidthRatio'
                  | 'HeadHeightRatio'
                  | 'EyesDistance'
                  | 'Yaw'
                  | 'Pitch'
                  | 'Roll'
                  | 'BlurLevel'
                  | 'NoiseLevel'
                  | 'UnnaturalSkinTone'
                  | 'FaceDynamicRange'
                  | 'EyeRightClosed'
                  | 'EyeLeftClosed'
                  | 'EyeRightOccluded'
                  | 'EyeLeftOccluded'
                  | 'EyesRed'
                  | 'EyeRightCoveredWithHair'
                  | 'EyeLeftCoveredWithHair'
                  | 'OffGaze'
                  | 'ContactLenses'
                  | 'TooDark'
                  | 'TooLight'
                  | 'FaceGlare'
                  | 'ShadowsOnFace'
                  | 'ShouldersPose'
                  | 'ExpressionLevel'
                  | 'MouthOpen'
                  | 'Smile'
                  | 'DarkGlasses'
                  | 'ReflectionOnGlasses'
                  | 'FramesTooHeavy'
                  | 'FaceOccluded'
                  | 'HeadCovering'
                  | 'ForeheadCovering'
                  | 'StrongMakeup'
                  | 'Headphones'
                  | 'MedicalMask'
                  | 'BackgroundUniformity'
                  | 'ShadowsOnBackground'
                  | 'OtherFaces'
                  | 'BackgroundColorMatch'
                range: [number, number]
              }[]
          )
        | null
      /** Session id; accepted, not used. */
      tag?: string | null
      /** Label; accepted, not used. */
      tenant?: string | null
      /** Label; accepted, not used. */
      env?: string | null
    }
    GroupToCreate: {
      /** Name of the group. */
      name: string
      /** Any JSON object, at most 64 KB and 32 levels deep. */
      metadata: { [key: string]: unknown }
      /** Session id; accepted, not used. */
      tag?: string | null
    }
    /** Fields left out stay as they are. */
    GroupToUpdate: {
      name?: string | null
      /** Replaces the old metadata whole. */
      metadata?: { [key: string]: unknown } | null
      /** Session id; accepted, not used. */
      tag?: string | null
    }
    UpdateGroup: {
      /** Persons to add. */
      addItems?: string[] | null
      /** Persons to take out; wins over addItems. */
      removeItems?: string[] | null
    }
    ExportRequest: {
      personIds: string[]
      /** Whether each image comes with its descriptor, which is biometric data, and with the quality and damage of its face. */
      descriptors?: boolean
      /** tar: with the pictures. Left out: tar if the Accept header names application/x-tar, else ndjson. */
      format?: 'ndjson' | 'tar'
    }
    SelectionRequest: {
      personIds: string[]
    }
    SearchRequest: {
      image?: {
        /** Not used: the picture itself tells. */
        contentType?: string | null
        /** The picture in Base64; a data-URI prefix is fine. */
        content?: unknown | null
        /** Where to get the picture. */
        imageUrl?: string | null
        /** Shrinks the picture to fit inside before anything else; never enlarges it. */
        resizeOptions?: {
          /** Greatest width, px. */
          width?: number | null
          /** Greatest height, px. */
          height?: number | null
          /** JPEG quality, percent; 100 if left out. */
          quality?: number | null
        } | null
      } | null
      /** Where to look; left out or empty: the whole gallery. */
      groupIds?: string[] | null
      /** Greatest distance, 0..2; smaller is stricter. */
      threshold?: number | null
      /** Most persons, at most 1000; 100 if left out. */
      limit?: number | null
      /** Ours, instead of threshold: the share of strangers for whom somebody may be found, above 0 and below 1. The distance comes from the number of images that are searched. */
      targetFpir?: number | null
      /** Every face instead of the most central one. */
      detectAll?: boolean | null
      /** Made from this picture if nobody is found and it shows exactly one face; answered with 201. For example `{"name": "Ada"}`. */
      createPerson?: {
        /** Name of the person. */
        name: string
        metadata?: { [key: string]: unknown } | null
        /** Seconds to live. */
        ttl?: number | null
        /** Ours: what the face must comply with, or nobody is made (code 231); left out: what the server asks for. */
        quality?:
          | (
              | ('off' | 'standard' | 'strict')
              | {
                  name:
                    | 'faceQuality'
                    | 'faceQuality.size'
                    | 'faceQuality.sharpness'
                    | 'faceQuality.exposure'
                    | 'faceQuality.pose'
                    | 'faceQuality.covering'
                    | 'faceQuality.detection'
                    | 'faceQuality.landmarks'
                    | 'faceQuality.agreement'
                    | 'faceQuality.norm'
                    | 'ImageWidth'
                    | 'ImageHeight'
                    | 'ImageWidthToHeight'
                    | 'ImageChannelsNumber'
                    | 'PaddingRatio'
                    | 'ArtFace'
                    | 'FaceMidPointHorizontalPosition'
                    | 'FaceMidPointVerticalPosition'
                    | 'HeadWidthRatio'
                    | 'HeadHeightRatio'
                    | 'EyesDistance'
                    | 'Yaw'
                    | 'Pitch'
                    | 'Roll'
                    | 'BlurLevel'
                    | 'NoiseLevel'
                    | 'UnnaturalSkinTone'
                    | 'FaceDynamicRange'
                    | 'EyeRightClosed'
                    | 'EyeLeftClosed'
                    | 'EyeRightOccluded'
                    | 'EyeLeftOccluded'
                    | 'EyesRed'
                    | 'EyeRightCoveredWithHair'
                    | 'EyeLeftCoveredWithHair'
                    | 'OffGaze'
                    | 'ContactLenses'
                    | 'TooDark'
                    | 'TooLight'
                    | 'FaceGlare'
                    | 'ShadowsOnFace'
                    | 'ShouldersPose'
                    | 'ExpressionLevel'
                    | 'MouthOpen'
                    | 'Smile'
                    | 'DarkGlasses'
                    | 'ReflectionOnGlasses'
                    | 'FramesTooHeavy'
                    | 'FaceOccluded'
                    | 'HeadCovering'
                    | 'ForeheadCovering'
                    | 'StrongMakeup'
                    | 'Headphones'
                    | 'MedicalMask'
                    | 'BackgroundUniformity'
                    | 'ShadowsOnBackground'
                    | 'OtherFaces'
                    | 'BackgroundColorMatch'
                  range: [number, number]
                }[]
            )
          | null
      } | null
      /** Holds together with groupIds. For example `{"op": "in", "field": "name", "value": ["Ada"]}`; case counts. */
      filter?: {
        op: 'in' | 'nin'
        field: 'name' | 'externalId'
        value: string[]
      } | null
      /** Ours. Persons with these values in their metadata; holds together with groupIds and filter. Keys and values are those of `metadata.` in the list of persons: dots part keys, and of several values all must be there. */
      metadataFilter?: { [key: string]: string | string[] } | null
      /** Asks for the aligned face picture in persons[].detection.crop. */
      outputImageParams?: {
        /** Accepted, without effect; answers then carry X-Semblance-Ignored. */
        backgroundColor?: [number, number, number] | null
        crop?: {
          /** Width to height: 0 3:4, 1 4:5, 2 2:3, 3 1:1, 4 7:9. */
          type?: (0 | 1 | 2 | 3 | 4) | null
          /** Of what lies outside the picture; black if left out. */
          padColor?: [number, number, number] | null
          /** Width and height; applied only if it fits the type. */
          size?: [number, number] | null
        } | null
      } | null
      personId?: string | null
      imageId?: string | null
      /** Ours, with personId or imageId: the person itself may be answered, too. */
      includeSelf?: boolean | null
      /** Old clients; as groupIds, which wins. */
      group_ids?: string[] | null
      /** Old clients; as threshold, which wins. */
      max_distance?: number | null
      /** Session id; accepted, not used. */
      tag?: string | null
      /** Label; accepted, not used. */
      tenant?: string | null
      /** Label; accepted, not used. */
      env?: string | null
    }
    FeedbackFields: {
      /** Who was the candidate. */
      personId: string
      /** The enrolled image in the hit: `persons[].images[].id`. */
      imageId: string
      /** As the search told it. */
      distance: number
      verdict: 'not-this-person' | 'this-person'
      /** The `X-RequestID` of the search. */
      requestId?: string | null
    }
    DetectRequest: {
      /** The picture in Base64, or an object as in a search. */
      image:
        | string
        | {
            /** Not used: the picture itself tells. */
            contentType?: string | null
            /** The picture in Base64; a data-URI prefix is fine. */
            content?: unknown | null
            /** Where to get the picture. */
            imageUrl?: string | null
            /** Shrinks the picture to fit inside before anything else; never enlarges it. */
            resizeOptions?: {
              /** Greatest width, px. */
              width?: number | null
              /** Greatest height, px. */
              height?: number | null
              /** JPEG quality, percent; 100 if left out. */
              quality?: number | null
            } | null
          }
      processParam?: {
        /** OldMode, QualityFull, QualityICAO, QualityVisaSchengen, QualityVisaUSA, CropCentralFace, CropAllFaces, Thumbnail, AttributesAll: wins over the fields beside it. Any other name is passed over. */
        scenario?: string | null
        /** False: every face; true if left out. */
        onlyCentralFace?: boolean | null
        /** Asks for an upright picture of each face. */
        outputImageParams?: {
          /** Accepted, without effect; answers then carry X-Semblance-Ignored. */
          backgroundColor?: [number, number, number] | null
          crop?: {
            /** Width to height: 0 3:4, 1 4:5, 2 2:3, 3 1:1, 4 7:9. */
            type?: (0 | 1 | 2 | 3 | 4) | null
            /** Of what lies outside the picture; black if left out. */
            padColor?: [number, number, number] | null
            /** Width and height; applied only if it fits the type. */
            size?: [number, number] | null
          } | null
        } | null
        /** Asks for detections[].quality. */
        quality?: {
          /** Accepted, without effect; answers then carry X-Semblance-Ignored. */
          backgroundMatchColor?: [number, number, number] | null
          /** What to judge; left out or empty: everything. */
          config?:
            | {
                name:
                  | 'ImageWidth'
                  | 'ImageHeight'
                  | 'ImageWidthToHeight'
                  | 'ImageChannelsNumber'
                  | 'PaddingRatio'
                  | 'ArtFace'
                  | 'FaceMidPointHorizontalPosition'
                  | 'FaceMidPointVerticalPosition'
                  | 'HeadWidthRatio'
                  | 'HeadHeightRatio'
                  | 'EyesDistance'
                  | 'Yaw'
                  | 'Pitch'
                  | 'Roll'
                  | 'BlurLevel'
                  | 'NoiseLevel'
                  | 'UnnaturalSkinTone'
                  | 'FaceDynamicRange'
                  | 'EyeRightClosed'
                  | 'EyeLeftClosed'
                  | 'EyeRightOccluded'
                  | 'EyeLeftOccluded'
                  | 'EyesRed'
                  | 'EyeRightCoveredWithHair'
                  | 'EyeLeftCoveredWithHair'
                  | 'OffGaze'
                  | 'ContactLenses'
                  | 'TooDark'
                  | 'TooLight'
                  | 'FaceGlare'
                  | 'ShadowsOnFace'
                  | 'ShouldersPose'
                  | 'ExpressionLevel'
                  | 'MouthOpen'
                  | 'Smile'
                  | 'DarkGlasses'
                  | 'ReflectionOnGlasses'
                  | 'FramesTooHeavy'
                  | 'FaceOccluded'
                  | 'HeadCovering'
                  | 'ForeheadCovering'
                  | 'StrongMakeup'
                  | 'Headphones'
                  | 'MedicalMask'
                  | 'BackgroundUniformity'
                  | 'ShadowsOnBackground'
                  | 'OtherFaces'
                  | 'BackgroundColorMatch'
                /** Lowest and highest value that complies; left out: ours. */
                range?: [number, number] | null
              }[]
            | null
        } | null
        /** Asks for detections[].attributes. */
        attributes?: {
          /** What to tell; left out or empty: everything. */
          config?:
            | {
                name:
                  | 'Age'
                  | 'Emotion'
                  | 'EyeLeft'
                  | 'EyeRight'
                  | 'Smile'
                  | 'Glasses'
                  | 'HeadCovering'
                  | 'ForeheadCovering'
                  | 'Mouth'
                  | 'MedicalMask'
                  | 'Occlusion'
                  | 'StrongMakeup'
                  | 'Headphones'
              }[]
            | null
        } | null
      } | null
      /** Old clients; as in processParam. */
      onlyCentralFace?: boolean | null
      /** Old clients: asks for crops of 3:4. */
      thumbnails?: boolean | null
      /** Old clients: asks for all attributes. */
      attributes?: boolean | null
      /** Session id; accepted, not used. */
      tag?: string | null
      /** Label; accepted, not used. */
      tenant?: string | null
      /** Label; accepted, not used. */
      env?: string | null
    }
    MatchRequest: {
      /** Two or more, or a single one of type 4. */
      images: {
        /** The picture in Base64. */
        data?: unknown | null
        /** Where to get the picture. */
        imageUrl?: string | null
        /** 1 printed document, 2 document chip, 3 live (if left out), 4 document with live face, 5 external, 6 ghost portrait, 7 barcode. The faces of a picture of type 4 are compared with one another, too. */
        type?: (1 | 2 | 3 | 4 | 5 | 6 | 7) | null
        /** What the answer calls this picture by; left out: the smallest number that is free. */
        index?: number | null
        /** Every face instead of the most central one. */
        detectAll?: boolean | null
      }[]
      /** Asks for the aligned face pictures in detections[].faces[].crop. */
      outputImageParams?: {
        /** Accepted, without effect; answers then carry X-Semblance-Ignored. */
        backgroundColor?: [number, number, number] | null
        crop?: {
          /** Width to height: 0 3:4, 1 4:5, 2 2:3, 3 1:1, 4 7:9. */
          type?: (0 | 1 | 2 | 3 | 4) | null
          /** Of what lies outside the picture; black if left out. */
          padColor?: [number, number, number] | null
          /** Width and height; applied only if it fits the type. */
          size?: [number, number] | null
        } | null
      } | null
      /** Old clients: asks for face pictures of 3:4, as thumbnail. */
      thumbnails?: boolean | null
      /** Session id; accepted, not used. */
      tag?: string | null
      /** Label; accepted, not used. */
      tenant?: string | null
      /** Label; accepted, not used. */
      env?: string | null
    }
    MatchAndSearchRequest: {
      /** Two or more, or a single one of type 4. */
      images: {
        /** The picture in Base64. */
        content?: unknown | null
        /** Where to get the picture. */
        imageUrl?: string | null
        /** 1 printed document, 2 document chip, 3 live (if left out), 4 document with live face, 5 external, 6 ghost portrait, 7 barcode. The faces of a picture of type 4 are compared with one another, too. */
        type?: (1 | 2 | 3 | 4 | 5 | 6 | 7) | null
        /** What the answer calls this picture by; left out: the smallest number that is free. */
        index?: number | null
        /** Every face instead of the most central one. */
        detectAll?: boolean | null
      }[]
      /** Where to look; left out or empty: the whole gallery. */
      groupIds?: string[] | null
      /** Greatest distance, 0..2; smaller is stricter. */
      threshold?: number | null
      /** Most persons, at most 1000; 100 if left out. */
      limit?: number | null
      /** Ours, instead of threshold: the share of strangers for whom somebody may be found, above 0 and below 1. The distance comes from the number of images that are searched. */
      targetFpir?: number | null
      /** Session id; accepted, not used. */
      tag?: string | null
      /** Label; accepted, not used. */
      tenant?: string | null
      /** Label; accepted, not used. */
      env?: string | null
    }
    ImportFields: {
      /** What you call it. */
      name: string
      /** Groups that every person who is made joins. */
      groups?: string[] | null
      /** Which face is taken; one: a picture of several faces is refused. */
      faces?: 'one' | 'central' | 'largest'
      /** What a face must comply with to be enrolled; left out: what the server asks for, and nothing of an export's descriptors. */
      quality?:
        | ('off' | 'standard' | 'strict')
        | {
            name:
              | 'faceQuality'
              | 'faceQuality.size'
              | 'faceQuality.sharpness'
              | 'faceQuality.exposure'
              | 'faceQuality.pose'
              | 'faceQuality.covering'
              | 'faceQuality.detection'
              | 'faceQuality.landmarks'
              | 'faceQuality.agreement'
              | 'faceQuality.norm'
              | 'ImageWidth'
              | 'ImageHeight'
              | 'ImageWidthToHeight'
              | 'ImageChannelsNumber'
              | 'PaddingRatio'
              | 'ArtFace'
              | 'FaceMidPointHorizontalPosition'
              | 'FaceMidPointVerticalPosition'
              | 'HeadWidthRatio'
              | 'HeadHeightRatio'
              | 'EyesDistance'
              | 'Yaw'
              | 'Pitch'
              | 'Roll'
              | 'BlurLevel'
              | 'NoiseLevel'
              | 'UnnaturalSkinTone'
              | 'FaceDynamicRange'
              | 'EyeRightClosed'
              | 'EyeLeftClosed'
              | 'EyeRightOccluded'
              | 'EyeLeftOccluded'
              | 'EyesRed'
              | 'EyeRightCoveredWithHair'
              | 'EyeLeftCoveredWithHair'
              | 'OffGaze'
              | 'ContactLenses'
              | 'TooDark'
              | 'TooLight'
              | 'FaceGlare'
              | 'ShadowsOnFace'
              | 'ShouldersPose'
              | 'ExpressionLevel'
              | 'MouthOpen'
              | 'Smile'
              | 'DarkGlasses'
              | 'ReflectionOnGlasses'
              | 'FramesTooHeavy'
              | 'FaceOccluded'
              | 'HeadCovering'
              | 'ForeheadCovering'
              | 'StrongMakeup'
              | 'Headphones'
              | 'MedicalMask'
              | 'BackgroundUniformity'
              | 'ShadowsOnBackground'
              | 'OtherFaces'
              | 'BackgroundColorMatch'
            range: [number, number]
          }[]
      /** What is done with a picture that the person has already. */
      samePicture?: 'skip' | 'enroll'
      /** What is done with a face that is within the threshold of another person's. */
      samePerson?: 'off' | 'report' | 'refuse'
      /** Which fields count of a person who is there already: theirs, or those of the row. */
      onConflict?: 'keep' | 'update'
      /** Shrinks the picture to fit inside before anything else; never enlarges it. */
      resizeOptions?: {
        /** Greatest width, px. */
        width?: number | null
        /** Greatest height, px. */
        height?: number | null
        /** JPEG quality, percent; 100 if left out. */
        quality?: number | null
      } | null
      /** Takes descriptors of an export over, if they are of the same model pack, so that pictures are enrolled without being looked at. For exports of your own only: nobody can tell whose face a made-up descriptor finds. */
      trustDescriptors?: boolean
      /** Does everything but write. */
      dryRun?: boolean
    }
    RowsToRetry: {
      /** True: all that failed, and those whose link was refused; false: those that failed for a passing reason. */
      all?: boolean
    }
    RowKeys: {
      /** Keys of rows. */
      keys: string[]
    }
    SourceToRead: {
      /** A prefix of a bucket of S3 or Google Cloud Storage, with "/" at its end; or a link (s3, gs, https, http, file) to a manifest (CSV, NDJSON) or an archive (tar, tar.gz, zip). */
      url: string
      /** What the names of objects, or of files in an archive, say; may have {person}, {name}, {group}, {n} and {any}. Left out: the folder that a picture lies in is its person, external id and name. */
      pattern?: string | null
      /** What a CSV manifest is in. Left out: what its content type says, else UTF-8; UTF-16 is found out. A byte order mark counts for more. */
      encoding?: 'utf-8' | 'windows-1252'
      /** True: the import is closed once all has been read. */
      close?: boolean
    }
    DuplicateSearchFields: {
      /** The greatest distance of one pair; left out: the server's own. */
      threshold?: number
      /** Members of any of these are compared with each other; none: everybody. */
      groupIds?: string[]
    }
    PairDecision: {
      personIds: [string, string]
      /** keep: they are two persons. later: look again. null: as if nothing had been decided. */
      decision: ('keep' | 'later') | null
    }
    RedescribeFields: {
      /** The pack by its name, such as `builtin@2`. */
      pack: string
      /** The pack may come to serve once it has described so much of all images. */
      share?: number
      /** false: it is described and compared only, and comes to serve when it is asked to. */
      switch?: boolean
    }
    SwitchPackFields: {
      /** So many images may lack the pack that is to serve: they are not found then. */
      acceptLacking?: number
    }
    SignInRequest: {
      /** An API key. */
      key: string
    }
    Person: {
      id: string
      name: string
      externalId?: string
      /** As it was sent. */
      metadata: { [key: string]: unknown }
      groups: string[]
      expireAt?: string
      createdAt: string
      updatedAt: string
    }
    /** What went wrong. */
    OperationLog: {
      statusCode: number
      type:
        | 'E_OVERLOADED'
        | 'E_NO_WORKER'
        | 'E_CONFLICT'
        | 'E_PACK_UNMEASURED'
        | 'E_DEADLINE'
        | 'E_SHUTTING_DOWN'
        | 'E_STORE_UNAVAILABLE'
        | 'E_INDEX_UNAVAILABLE'
        | 'E_PICTURES_UNAVAILABLE'
        | 'E_QUEUE_UNAVAILABLE'
        | 'E_STORAGE_FULL'
        | 'E_ENGINE_FAILED'
        | 'E_ENGINE_UNAVAILABLE'
        | 'E_STALE_ID'
        | 'E_JOB_FAILED'
        | 'E_DATA_LOCKED'
        | 'E_DATA_UNREADABLE'
        | 'E_PACK_MISMATCH'
        | 'E_PACK_INVALID'
        | 'E_RECORDS_MISSING'
        | 'E_PICTURE_DAMAGED'
        | 'BadParamsException'
        | 'FaceNotDetected'
        | 'FaceQualityTooLow'
        | 'ImageDecodeError'
        | 'ImageTooLarge'
        | 'ImageLinkRefused'
        | 'Unauthorized'
        | 'HostNotAllowed'
        | 'OriginNotAllowed'
        | 'DescriptorsNotAllowed'
        | 'WriteTokenRefused'
        | 'TooManyAttempts'
        | 'PersonNotFound'
        | 'ImageNotFound'
        | 'GroupNotFound'
        | 'FeedbackNotFound'
        | 'PersonChangedSince'
        | 'PersonCountDiffers'
        | 'PersonsNotMergeable'
        | 'OperationNotFound'
        | 'OperationStateConflict'
        | 'PairNotFound'
        | 'PackStateConflict'
        | 'ImportNotFound'
        | 'ImportStateConflict'
        | 'ImportSourceUnreadable'
        | 'RouteNotFound'
        | 'MethodNotAllowed'
        | 'RequestTimeout'
        | 'BodyTooLarge'
        | 'UnsupportedMediaType'
        | 'IdempotencyKeyReused'
        | 'IdempotencyKeySpent'
        | 'InternalError'
      msg: string
      metadata: { [key: string]: unknown }
    }
    PersonsPage: {
      items: components['schemas']['Person'][]
      page: number
      /** 0 if empty. With a cursor, of what comes after it. */
      totalPages: number
      /** To be sent as `cursor` for what comes next; left out at the end. Ours. */
      nextCursor?: string
    }
    PersonCount: {
      /** Persons to whom the filter applies. */
      count: number
      /** Enrolled pictures of these persons. */
      images: number
    }
    Operation: {
      id: string
      kind: 'delete-persons' | 'find-duplicates' | 'redescribe'
      /** preparing: whom it is about is being written down. cancelled, done and failed: ended. */
      state: 'preparing' | 'running' | 'paused' | 'cancelled' | 'done' | 'failed'
      /** Persons, or images, that are done with. */
      done: number
      /** As counted at the beginning. */
      total: number
      /** Persons who are done with and were left alone, because the filter had ceased to apply. */
      skipped: number
      progress: {
        /** Persons or images, from the beginning to the last step, pauses included; null: not known yet. */
        unitsPerSecond: number | null
        /** In the last minute, or in the part of it in which steps ended; null: not known. */
        unitsPerSecondLately: number | null
        /** For what is left, at the rate of the last minute; null: not known, or it does not run. */
        etaSeconds: number | null
      }
      /** Why it failed. */
      why?: string
      createdAt: string
      updatedAt: string
      endedAt?: string
    }
    GroupPage: {
      items: components['schemas']['Group'][]
      page: number
      /** 0 if empty. With a cursor, of what comes after it. */
      totalPages: number
      /** To be sent as `cursor` for what comes next; left out at the end. Ours. */
      nextCursor?: string
    }
    Group: {
      id: string
      name: string
      /** As it was sent. */
      metadata: { [key: string]: unknown }
      createdAt: string
    }
    PersonHistory: {
      items: components['schemas']['PersonEvent'][]
    }
    PersonEvent: {
      /** made; changed: the last time; image-added; merged: somebody else became part of this person; imported: an import means the person; feedback: on a candidate. */
      kind: 'made' | 'changed' | 'image-added' | 'merged' | 'imported' | 'feedback'
      /** Of imported: when the import was begun. */
      at: string
      /** Of image-added. */
      imageId?: string
      /** Of merged: an id that is no longer used. */
      otherId?: string
      /** Of imported. */
      importId?: string
      /** Of imported. */
      importName?: string
      /** Of imported: whether it made the person. */
      madeByImport?: boolean
      /** Of feedback. */
      feedback?: components['schemas']['Feedback']
    }
    Feedback: {
      id: string
      /** After a merge, the one who stays. */
      personId: string
      /** The enrolled image that was compared; it may have been deleted since. */
      imageId: string
      /** As the search told it, 0..2. */
      distance: number
      verdict: 'not-this-person' | 'this-person'
      /** Of the search, if it was named. */
      requestId?: string
      createdAt: string
    }
    EnrolledImage: {
      id: string
      contentType: string
      createdAt: string
      updatedAt: string
      /** Below /api of this server. */
      path: string
      /** The picture itself; asks for the same credentials. */
      url?: string
      /** As it was sent. */
      metadata: { [key: string]: unknown }
      /** How well the face can be compared, 0 to 100. Ours. */
      faceQuality?: number
      detection?: components['schemas']['EnrolledDetection']
      /** Faces seen, the one taken among them; in a picture of more than 640 pixels a side, small ones beside it may be missing. Ours. */
      faceCount?: number
    }
    /** The face that was taken. Ours. */
    EnrolledDetection: {
      /** Eye, eye, nose, mouth corner, mouth corner; whole pixels. */
      landmarks: number[][]
      /** x, y, width, height; may reach outside the picture. */
      roi: number[]
      /** What of roi lies in the picture: x, y, width, height. Ours. */
      roiInPicture?: number[]
      /** Clockwise turn of the face, degrees. */
      rotationAngle: number
      /** The landmarks may lie anywhere on the face, so what is made of them may be of little use. Left out otherwise. Ours. */
      landmarksUncertain?: true
      /** How well the face can be compared; left out if the model pack cannot tell. Ours. */
      faceQuality?: {
        /** So many in a hundred comparisons with another photo of the person are likely to succeed. */
        value: number
        /** What may be bad, each 0 (bad) to 100. */
        parts: {
          size: number
          sharpness: number
          exposure: number
          pose: number
          covering: number
          detection: number
          landmarks: number
          agreement: number
          norm: number
        }
      }
      quality?: components['schemas']['DetectionQuality']
    }
    DetectionQuality: {
      /** Share of what could be judged that complies; -1: nothing. */
      score: number
      nonCompliant: (
        | 'ImageWidth'
        | 'ImageHeight'
        | 'ImageWidthToHeight'
        | 'ImageChannelsNumber'
        | 'PaddingRatio'
        | 'ArtFace'
        | 'FaceMidPointHorizontalPosition'
        | 'FaceMidPointVerticalPosition'
        | 'HeadWidthRatio'
        | 'HeadHeightRatio'
        | 'EyesDistance'
        | 'Yaw'
        | 'Pitch'
        | 'Roll'
        | 'BlurLevel'
        | 'NoiseLevel'
        | 'UnnaturalSkinTone'
        | 'FaceDynamicRange'
        | 'EyeRightClosed'
        | 'EyeLeftClosed'
        | 'EyeRightOccluded'
        | 'EyeLeftOccluded'
        | 'EyesRed'
        | 'EyeRightCoveredWithHair'
        | 'EyeLeftCoveredWithHair'
        | 'OffGaze'
        | 'ContactLenses'
        | 'TooDark'
        | 'TooLight'
        | 'FaceGlare'
        | 'ShadowsOnFace'
        | 'ShouldersPose'
        | 'ExpressionLevel'
        | 'MouthOpen'
        | 'Smile'
        | 'DarkGlasses'
        | 'ReflectionOnGlasses'
        | 'FramesTooHeavy'
        | 'FaceOccluded'
        | 'HeadCovering'
        | 'ForeheadCovering'
        | 'StrongMakeup'
        | 'Headphones'
        | 'MedicalMask'
        | 'BackgroundUniformity'
        | 'ShadowsOnBackground'
        | 'OtherFaces'
        | 'BackgroundColorMatch'
      )[]
      detailsGroups: {
        groupId: number
        name:
          | 'ImageCharacteristics'
          | 'HeadSizeAndPosition'
          | 'FaceQuality'
          | 'EyesCharacteristics'
          | 'ShadowsAndLightning'
          | 'PoseAndExpression'
          | 'HeadOcclusion'
          | 'Background'
        totalCount: number
        compliantCount: number
      }[]
      details: {
        groupId: number
        name:
          | 'ImageWidth'
          | 'ImageHeight'
          | 'ImageWidthToHeight'
          | 'ImageChannelsNumber'
          | 'PaddingRatio'
          | 'ArtFace'
          | 'FaceMidPointHorizontalPosition'
          | 'FaceMidPointVerticalPosition'
          | 'HeadWidthRatio'
          | 'HeadHeightRatio'
          | 'EyesDistance'
          | 'Yaw'
          | 'Pitch'
          | 'Roll'
          | 'BlurLevel'
          | 'NoiseLevel'
          | 'UnnaturalSkinTone'
          | 'FaceDynamicRange'
          | 'EyeRightClosed'
          | 'EyeLeftClosed'
          | 'EyeRightOccluded'
          | 'EyeLeftOccluded'
          | 'EyesRed'
          | 'EyeRightCoveredWithHair'
          | 'EyeLeftCoveredWithHair'
          | 'OffGaze'
          | 'ContactLenses'
          | 'TooDark'
          | 'TooLight'
          | 'FaceGlare'
          | 'ShadowsOnFace'
          | 'ShouldersPose'
          | 'ExpressionLevel'
          | 'MouthOpen'
          | 'Smile'
          | 'DarkGlasses'
          | 'ReflectionOnGlasses'
          | 'FramesTooHeavy'
          | 'FaceOccluded'
          | 'HeadCovering'
          | 'ForeheadCovering'
          | 'StrongMakeup'
          | 'Headphones'
          | 'MedicalMask'
          | 'BackgroundUniformity'
          | 'ShadowsOnBackground'
          | 'OtherFaces'
          | 'BackgroundColorMatch'
        /** Lowest and highest that comply. */
        range?: number[]
        /** 0 does not comply, 1 does, 2 undetermined. */
        status: number
        /** Left out if it could not be measured. */
        value?: number
      }[]
    }
    ImagePage: {
      items: components['schemas']['Image'][]
      page: number
      /** 0 if empty. With a cursor, of what comes after it. */
      totalPages: number
      /** To be sent as `cursor` for what comes next; left out at the end. Ours. */
      nextCursor?: string
    }
    Image: {
      id: string
      contentType: string
      createdAt: string
      updatedAt: string
      /** Below /api of this server. */
      path: string
      /** The picture itself; asks for the same credentials. */
      url?: string
      /** As it was sent. */
      metadata: { [key: string]: unknown }
      /** How well the face can be compared, 0 to 100. Ours. */
      faceQuality?: number
    }
    CountedGroup: {
      id: string
      name: string
      /** As it was sent. */
      metadata: { [key: string]: unknown }
      createdAt: string
      /** Persons in the group. Ours. */
      memberCount: number
    }
    Stats: {
      /** Expired ones count until they are deleted. */
      persons: number
      groups: number
      /** Enrolled pictures. */
      images: number
      /** Of the enrolled pictures. */
      pictureBytes: number
      /** The model pack of all descriptors. */
      pack: string | null
      /** As the index counts them: near `images`, and equal at rest. */
      indexedImages: number
      /** Records in these states, under way or left behind; readers see none of them but `dirty-person`: the index is behind for so many persons. */
      unfinished: { [key: string]: number }
      /** Records that wait for the reconciler longer than they should. */
      overdue: {
        [key: string]: {
          count: number
          /** Milliseconds; 0 if there is none. */
          oldestMs: number
        }
      }
      queue: {
        [key: string]: {
          waiting: number
          active: number
          preparing: number
          /** Milliseconds; 0 if there is none. */
          oldestWaitingMs: number
        }
      }
      /** Imports that are not over; left out where there are none. */
      imports?: { [key: string]: number }
    }
    Selection: {
      /** For `selection` of an export; it holds for a day. */
      selectionId: string
    }
    SearchResult: {
      /** 0 searched, 2 no face, 6 not a picture, 231 nobody was found, and createPerson is refused for its quality. */
      code: number
      persons: components['schemas']['SearchPerson'][]
      /** Ours, of a search by targetFpir: the distance that it came to. */
      threshold?: number
      /** Ours, of a search by targetFpir: so many images of strangers are to be expected within that distance, for each face. */
      expectedFalseMatches?: number
      /** With any code but 0: why, for people. Ours. */
      msg?: string
      /** With code 231: what of createPerson.quality the face breaks. Ours. */
      lowQuality?: components['schemas']['BrokenLimit'][]
    }
    SearchPerson: {
      id: string
      name: string
      externalId?: string
      /** As it was sent. */
      metadata: { [key: string]: unknown }
      groups: string[]
      expireAt?: string
      createdAt: string
      updatedAt: string
      images: components['schemas']['RecognizeImage'][]
      /** The face searched with; left out of a search by personId or imageId. */
      detection?: components['schemas']['SearchDetection']
    }
    RecognizeImage: {
      id: string
      contentType: string
      createdAt: string
      updatedAt: string
      /** Below /api of this server. */
      path: string
      /** The picture itself; asks for the same credentials. */
      url?: string
      /** As it was sent. */
      metadata: { [key: string]: unknown }
      /** How well the face can be compared, 0 to 100. Ours. */
      faceQuality?: number
      /** Base64, with withImages=true. */
      content?: string
      /** 0..1; 0.75 at the operating point. */
      similarity: number
      /** 0..2; 1 at the operating point. */
      distance: number
      /** Of the two descriptors, -1..1; ours. */
      cosine: number
    }
    SearchDetection: {
      /** Eye, eye, nose, mouth corner, mouth corner; whole pixels. */
      landmarks: number[][]
      /** x, y, width, height; may reach outside the picture. */
      roi: number[]
      /** What of roi lies in the picture: x, y, width, height. Ours. */
      roiInPicture?: number[]
      /** Clockwise turn of the face, degrees. */
      rotationAngle: number
      /** The landmarks may lie anywhere on the face, so what is made of them may be of little use. Left out otherwise. Ours. */
      landmarksUncertain?: true
      /** How well the face can be compared; left out if the model pack cannot tell. Ours. */
      faceQuality?: {
        /** So many in a hundred comparisons with another photo of the person are likely to succeed. */
        value: number
        /** What may be bad, each 0 (bad) to 100. */
        parts: {
          size: number
          sharpness: number
          exposure: number
          pose: number
          covering: number
          detection: number
          landmarks: number
          agreement: number
          norm: number
        }
      }
      /** Base64 of a JPEG, if asked for. */
      crop?: string
    }
    BrokenLimit: {
      characteristic: string
      value: number
      /** Lowest and highest that are taken. */
      range: number[]
    }
    CreatedPerson: {
      id: string
      name: string
      externalId?: string
      /** As it was sent. */
      metadata: { [key: string]: unknown }
      groups: string[]
      expireAt?: string
      createdAt: string
      updatedAt: string
      images: components['schemas']['Image'][]
      detection: components['schemas']['SearchDetection']
    }
    FeedbackPage: {
      items: components['schemas']['Feedback'][]
      /** To be sent as `cursor` for what comes next; left out at the end. */
      nextCursor?: string
    }
    DetectResult: {
      /** 0 found, 1 no picture, 2 no face, 6 not a picture, 203 the request is wrong. */
      code: number
      /** Ours: what is wrong, for people. */
      msg?: string
      results: components['schemas']['DetectResults']
    }
    DetectResults: {
      detections: {
        /** Eye, eye, nose, mouth corner, mouth corner; whole pixels. */
        landmarks: number[][]
        /** x, y, width, height; may reach outside the picture. */
        roi: number[]
        /** What of roi lies in the picture: x, y, width, height. Ours. */
        roiInPicture?: number[]
        /** Clockwise turn of the face, degrees. */
        rotationAngle: number
        /** The landmarks may lie anywhere on the face, so what is made of them may be of little use. Left out otherwise. Ours. */
        landmarksUncertain?: true
        /** How well the face can be compared; left out if the model pack cannot tell. Ours. */
        faceQuality?: {
          /** So many in a hundred comparisons with another photo of the person are likely to succeed. */
          value: number
          /** What may be bad, each 0 (bad) to 100. */
          parts: {
            size: number
            sharpness: number
            exposure: number
            pose: number
            covering: number
            detection: number
            landmarks: number
            agreement: number
            norm: number
          }
        }
        /** Base64 of a JPEG, if asked for. */
        crop?: string
        quality?: components['schemas']['DetectionQuality']
        attributes?: {
          details: {
            name: string
            /** Age: from and to, years, empty if undetermined; all others: a word. */
            value: number[] | string
            confidence?: number
            /** Emotion only, ours: the likeliest of seven. */
            expression?: string
          }[]
        }
      }[]
      /** As sent. */
      scenario?: string
      /** In the worker, ms. */
      elapsedTime?: number
    }
    MatchAnswer: {
      /** 0 compared, 237 there were no two faces to compare, 224 too few pictures, 238 too many of one type, 203 the request is wrong; if no picture has a face, the status of the first. */
      code: number
      /** Ours: what is wrong, for people. */
      msg?: string
      detections: components['schemas']['MatchedPicture'][]
      /** Every pair, in the order of pictures and faces. */
      results: components['schemas']['MatchResult'][]
      /** In the worker, ms. */
      elapsedTime?: number
      /** Ours, of a search by targetFpir: the distance that it came to. */
      threshold?: number
      /** Ours, of a search by targetFpir: so many images of strangers are to be expected within that distance, for each face. */
      expectedFalseMatches?: number
    }
    MatchedPicture: {
      imageIndex: number
      /** 0 faces were found, 1 no picture, 2 no face, 6 not a picture. */
      status: number
      /** Ours: what is wrong with it, for people. */
      msg?: string
      faces: components['schemas']['MatchedFace'][]
    }
    MatchedFace: {
      /** Eye, eye, nose, mouth corner, mouth corner; whole pixels. */
      landmarks: number[][]
      /** x, y, width, height; may reach outside the picture. */
      roi: number[]
      /** What of roi lies in the picture: x, y, width, height. Ours. */
      roiInPicture?: number[]
      /** Clockwise turn of the face, degrees. */
      rotationAngle: number
      /** The landmarks may lie anywhere on the face, so what is made of them may be of little use. Left out otherwise. Ours. */
      landmarksUncertain?: true
      /** How well the face can be compared; left out if the model pack cannot tell. Ours. */
      faceQuality?: {
        /** So many in a hundred comparisons with another photo of the person are likely to succeed. */
        value: number
        /** What may be bad, each 0 (bad) to 100. */
        parts: {
          size: number
          sharpness: number
          exposure: number
          pose: number
          covering: number
          detection: number
          landmarks: number
          agreement: number
          norm: number
        }
      }
      /** Base64 of a JPEG, if asked for. */
      crop?: string
      /** Among the faces of this picture. */
      faceIndex: number
      /** Old clients: as crop, if they ask for it. */
      thumbnail?: string
      /** Who it is, nearest first; of match_and_search only. */
      persons?: components['schemas']['SearchPerson'][]
    }
    MatchResult: {
      firstIndex: number
      firstFaceIndex: number
      /** Type of the picture, as sent or 3. */
      first: number
      secondIndex: number
      secondFaceIndex: number
      second: number
      /** Distance, 0 (the same) to 2; 1 at the operating point. */
      score: number
      /** 0..1; 0.75 at the operating point. */
      similarity: number
      /** Of the two descriptors, -1..1; ours. */
      cosine: number
    }
    ImportPage: {
      items: components['schemas']['Import'][]
      page: number
      totalPages: number
      nextCursor?: string
    }
    Import: {
      id: string
      name: string
      /** open: rows may be added, and are worked on as they come. running: all rows are in. done: ended. cancelled: no row is begun any more; those that wait end as cancelled, and their pictures are removed. */
      state: 'open' | 'running' | 'paused' | 'cancelled' | 'done'
      takesRows: boolean
      faces: 'one' | 'central' | 'largest'
      quality: {
        name: string
        range: number[] | null
      }[]
      samePicture: 'skip' | 'enroll'
      samePerson: 'off' | 'report' | 'refuse'
      onConflict: 'keep' | 'update'
      trustDescriptors: boolean
      dryRun: boolean
      groups: string[]
      createdAt: string
      updatedAt: string
      /** When it was done, or when all rows of a cancelled one had ended. */
      endedAt?: string
      /** Where the server itself takes rows from. */
      source?: {
        /** Without what follows a "?", which may be a signature. */
        url: string
        pattern?: string
        encoding?: string
        /** Whether the import is closed once all has been read. */
        close: boolean
        state: 'reading' | 'read' | 'failed'
        /** What is wrong, or holds it up. */
        why?: string
        /** Where reading goes on: the object that was taken last, or how much of a file was. */
        cursor?: string
        /** Rows that it has given, wrong ones included. */
        rows: number
        /** Those of them whose key was there with other contents, which stay. Each is in the report as invalid, under its key and a digest. */
        conflicts: number
        /** What is to be told of the source as a whole, such as columns that are not read; the first 20. Of the last reading that began at the beginning. */
        notes?: string[]
      }
      /** A second old at most, or, if counting takes longer than a tenth of that, ten times as old as that took, and 10 s at most; in the first ten seconds of a process a second. With the state done, and with endedAt, they are those of the end. */
      rows: {
        total: number
        /** In no work yet. */
        waiting: number
        underWay: number
        ended: number
        /** Ended rows, by what came of them. */
        byOutcome: { [key: string]: number }
        /** Bytes of pictures that wait for their row. */
        stagedBytes: number
        oldestWaitingSeconds: number
      }
      progress: {
        /** Bytes of the pictures that came with rows. */
        takenBytes: number
        /** From the first row that ended to the last, pauses included; null: not known yet. */
        rowsPerSecond: number | null
        /** In the last minute, or in the part of it in which rows ended; null: not known. */
        rowsPerSecondLately: number | null
        /** For the rows that are there, at the rate of the last minute; null: not known. */
        etaSeconds: number | null
        /** Why nothing moves. rows: it is open, and has none to do. paused: it was asked to. searches-first: more urgent calls wait, and go first. jobs: other jobs of the lowest lane are done, of other imports and operations, or slow rows of its own. links: servers behind links are slow. process: the one that handed out its rows has died or stands still; another one takes over within 30 seconds. workers: none serves the lane. store: of persons, vectors or pictures; it is away. queue: it is away or full. disk: it is nearly full. null: it moves or has ended, or nobody can tell. */
        waitsFor:
          | (
              | 'rows'
              | 'paused'
              | 'searches-first'
              | 'jobs'
              | 'links'
              | 'process'
              | 'workers'
              | 'store'
              | 'queue'
              | 'disk'
            )
          | null
      }
    }
    MadePersonCount: {
      count: number
      /** The import is being deleted with these persons: so many of them are still there. */
      deleting?: true
    }
    RetriedImport: {
      id: string
      name: string
      /** open: rows may be added, and are worked on as they come. running: all rows are in. done: ended. cancelled: no row is begun any more; those that wait end as cancelled, and their pictures are removed. */
      state: 'open' | 'running' | 'paused' | 'cancelled' | 'done'
      takesRows: boolean
      faces: 'one' | 'central' | 'largest'
      quality: {
        name: string
        range: number[] | null
      }[]
      samePicture: 'skip' | 'enroll'
      samePerson: 'off' | 'report' | 'refuse'
      onConflict: 'keep' | 'update'
      trustDescriptors: boolean
      dryRun: boolean
      groups: string[]
      createdAt: string
      updatedAt: string
      /** When it was done, or when all rows of a cancelled one had ended. */
      endedAt?: string
      /** Where the server itself takes rows from. */
      source?: {
        /** Without what follows a "?", which may be a signature. */
        url: string
        pattern?: string
        encoding?: string
        /** Whether the import is closed once all has been read. */
        close: boolean
        state: 'reading' | 'read' | 'failed'
        /** What is wrong, or holds it up. */
        why?: string
        /** Where reading goes on: the object that was taken last, or how much of a file was. */
        cursor?: string
        /** Rows that it has given, wrong ones included. */
        rows: number
        /** Those of them whose key was there with other contents, which stay. Each is in the report as invalid, under its key and a digest. */
        conflicts: number
        /** What is to be told of the source as a whole, such as columns that are not read; the first 20. Of the last reading that began at the beginning. */
        notes?: string[]
      }
      /** A second old at most, or, if counting takes longer than a tenth of that, ten times as old as that took, and 10 s at most; in the first ten seconds of a process a second. With the state done, and with endedAt, they are those of the end. */
      rows: {
        total: number
        /** In no work yet. */
        waiting: number
        underWay: number
        ended: number
        /** Ended rows, by what came of them. */
        byOutcome: { [key: string]: number }
        /** Bytes of pictures that wait for their row. */
        stagedBytes: number
        oldestWaitingSeconds: number
      }
      progress: {
        /** Bytes of the pictures that came with rows. */
        takenBytes: number
        /** From the first row that ended to the last, pauses included; null: not known yet. */
        rowsPerSecond: number | null
        /** In the last minute, or in the part of it in which rows ended; null: not known. */
        rowsPerSecondLately: number | null
        /** For the rows that are there, at the rate of the last minute; null: not known. */
        etaSeconds: number | null
        /** Why nothing moves. rows: it is open, and has none to do. paused: it was asked to. searches-first: more urgent calls wait, and go first. jobs: other jobs of the lowest lane are done, of other imports and operations, or slow rows of its own. links: servers behind links are slow. process: the one that handed out its rows has died or stands still; another one takes over within 30 seconds. workers: none serves the lane. store: of persons, vectors or pictures; it is away. queue: it is away or full. disk: it is nearly full. null: it moves or has ended, or nobody can tell. */
        waitsFor:
          | (
              | 'rows'
              | 'paused'
              | 'searches-first'
              | 'jobs'
              | 'links'
              | 'process'
              | 'workers'
              | 'store'
              | 'queue'
              | 'disk'
            )
          | null
      }
      /** Rows that are tried again. */
      retried: number
    }
    TakenRows: {
      /** New rows; they are durable. */
      added: number
      /** Rows that were there already, with the same contents. */
      known: number
      /** Rows that are wrong; they are in the report. */
      invalid: number
      /** Rows whose key is there with other contents, which stay. */
      conflicts: number
      /** The first 100 that are wrong or in conflict. */
      wrong: {
        key: string
        /** Line of what was sent, from 1. */
        position: number
        field: string
        msg: string
      }[]
      notes: string[]
    }
    KnownRows: {
      /** Their keys. */
      known: string[]
      /** The same, with what tells whether a picture is another one by now. Sent again with another one, a row is in conflict, and the first stays. */
      rows: {
        key: string
        /** Of the picture as it was sent, or as its link gave it: lower-case hex. Null for a row without one. */
        pictureSha256: string | null
      }[]
    }
    OperationPage: {
      items: components['schemas']['Operation'][]
      page: number
      totalPages: number
      nextCursor?: string
    }
    DuplicateSearch: {
      id: string
      kind: 'delete-persons' | 'find-duplicates' | 'redescribe'
      /** preparing: whom it is about is being written down. cancelled, done and failed: ended. */
      state: 'preparing' | 'running' | 'paused' | 'cancelled' | 'done' | 'failed'
      /** Persons, or images, that are done with. */
      done: number
      /** As counted at the beginning. */
      total: number
      /** Persons who are done with and were left alone, because the filter had ceased to apply. */
      skipped: number
      progress: {
        /** Persons or images, from the beginning to the last step, pauses included; null: not known yet. */
        unitsPerSecond: number | null
        /** In the last minute, or in the part of it in which steps ended; null: not known. */
        unitsPerSecondLately: number | null
        /** For what is left, at the rate of the last minute; null: not known, or it does not run. */
        etaSeconds: number | null
      }
      /** Why it failed. */
      why?: string
      createdAt: string
      updatedAt: string
      endedAt?: string
      threshold: number
      groupIds: string[]
      /** Pairs found so far, but for those of persons who are deleted. */
      pairs: number
      /** The search ended early, because it may keep 100,000 pairs. Ask with a smaller threshold. */
      isLimitReached: boolean
    }
    DuplicateSearchPage: {
      items: components['schemas']['DuplicateSearch'][]
      page: number
      totalPages: number
      nextCursor?: string
    }
    DuplicatePairPage: {
      items: components['schemas']['DuplicatePair'][]
      nextCursor?: string
    }
    DuplicatePair: {
      /** Of the two pictures, 0..2. */
      distance: number
      /** Two, the one with the smaller id first. */
      persons: {
        personId: string
        name: string
        externalId?: string
        createdAt: string
        /** The picture in which this person is nearest to the other. */
        imageId: string
        /** Where that picture is, below `/api`. */
        path: string
        url?: string
      }[]
      /** keep: they are two persons. later: to be looked at again. None yet: left out. */
      decision?: 'keep' | 'later'
    }
    Redescribing: {
      /** The pack whose descriptors are searched. */
      serving: string | null
      /** The pack by which new pictures are described as well: it is to come, or it served before. */
      other: string | null
      /** Images that nobody has described by the other pack yet; null: there is none. */
      lacking: number | null
      /** Images of which the other pack makes nothing. */
      undescribed: number | null
      /** Live workers that have not loaded the other pack yet: it cannot serve before they have. null: there is none, or the queue cannot be asked. */
      workersWithout: number | null
      /** The newest one that moves the gallery. */
      operation?: {
        id: string
        kind: 'delete-persons' | 'find-duplicates' | 'redescribe'
        /** preparing: whom it is about is being written down. cancelled, done and failed: ended. */
        state: 'preparing' | 'running' | 'paused' | 'cancelled' | 'done' | 'failed'
        /** Persons, or images, that are done with. */
        done: number
        /** As counted at the beginning. */
        total: number
        /** Persons who are done with and were left alone, because the filter had ceased to apply. */
        skipped: number
        progress: {
          /** Persons or images, from the beginning to the last step, pauses included; null: not known yet. */
          unitsPerSecond: number | null
          /** In the last minute, or in the part of it in which steps ended; null: not known. */
          unitsPerSecondLately: number | null
          /** For what is left, at the rate of the last minute; null: not known, or it does not run. */
          etaSeconds: number | null
        }
        /** Why it failed. */
        why?: string
        createdAt: string
        updatedAt: string
        endedAt?: string
        pack: string
        share: number
        found?: {
          images: number
          /** Of which the new pack makes nothing. */
          undescribed: number
          comparison: {
            /** Enrolled images that were searched for among all others, by both packs. */
            probes: number
            /** Those of them whose person has another image. */
            mated: number
            /** Probes for which both packs name the same person first. */
            sameTop: number
            before: {
              pack: string
              /** Mated probes whose own person is the nearest. */
              rank1: number
              /** Those of them within a distance of 1. */
              found: number
              /** Probes whose nearest is somebody else, within a distance of 1. */
              falsePositives: number
            }
            after: {
              pack: string
              /** Mated probes whose own person is the nearest. */
              rank1: number
              /** Those of them within a distance of 1. */
              found: number
              /** Probes whose nearest is somebody else, within a distance of 1. */
              falsePositives: number
            }
          }
          /** Why the new pack did not come to serve by itself. */
          held?: 'not-asked' | 'too-few-described' | 'finds-fewer'
        }
      }
    }
    UndescribedImages: {
      pack: string
      items: {
        imageId: string
        personId: string
        why: 'no-face' | 'other-face' | 'picture-missing' | 'picture-damaged' | 'undecodable' | 'failed'
      }[]
      nextCursor?: string
    }
    System: {
      shape: 'standalone' | 'cluster'
      version: string
      /** Version of Node. */
      node: string
      /** Of the process that answers. */
      startedAt: string
      uptimeMs: number
      /** What describes faces now. */
      pack: {
        id: string
        name: string
        version: string
        descriptorLength: number
        /** How often the faces of strangers come how near, by growing distance. Times the pictures that are searched: so many strangers are to be expected within the distance. Between two points the logarithm of `rate` is linear. Left out where nobody has measured it. */
        strangers?: {
          /** A picture against what is enrolled. */
          search: {
            distance: number
            /** The share of pairs of different people that are so near, or nearer. */
            rate: number
          }[]
          /** Two pictures, neither of them enrolled. */
          match: {
            distance: number
            /** The share of pairs of different people that are so near, or nearer. */
            rate: number
          }[]
          /** Two enrolled pictures. */
          enrolled: {
            distance: number
            /** The share of pairs of different people that are so near, or nearer. */
            rate: number
          }[]
        }
        /** The pack that new galleries get, where this one has another: `semblance redescribe --pack` moves it there, while it serves. */
        moveTo?: string
      }
      /** As of half a minute ago, or longer; null while a store does not answer. */
      counts: {
        persons: number
        groups: number
        images: number
        pictureBytes: number
        indexedImages: number
      } | null
      /** Null while the queue does not answer. */
      lanes: {
        [key: string]: {
          waiting: number
          running: number
          /** They wait for strangers, as for the picture behind a link. */
          preparing: number
          /** Of those that wait; 0 if there is none. */
          oldestMs: number
          /** Processes that serve the lane. */
          workers: number
        }
      } | null
      /** Of this process. */
      latencies: {
        /** A stage of a job (only where jobs run in this process), the wait and the run of a job, a request until its answer. */
        kind: 'stage' | 'wait' | 'run' | 'request'
        name: string
        /** Samples of the last five minutes, the latest 256 at most. */
        count: number
        p50Ms: number
        p95Ms: number
      }[]
      dependencies: {
        name: string
        up: boolean
        /** When this process first saw it so. */
        since: string
        /** Why it is down. */
        reason?: string
      }[]
      /** Of this process, in the last day; the latest first. */
      faults: {
        code: string
        /** In a request, a job, a thread, or the process. */
        where: string
        /** Since this process began. */
        count: number
        lastAt: string
      }[]
      /** The API keys that are set; none: everybody may call. */
      keys: {
        /** What the settings call the key, or 16 digits of its hash: it gives no key away. */
        name: string
        mayHaveDescriptors: boolean
      }[]
      /** Beside the reserve, on the disk of the data folder; null where there is none. */
      diskFreeBytes: number | null
    }
    Session: {
      signedIn: boolean
      /** Where none are, everybody may call, and nobody signs in. */
      keysAreSet: boolean
      /** What the settings call the key, or 16 digits of its hash: it gives no key away. */
      keyName: string | null
      rights: ('read' | 'write' | 'descriptors')[]
      /** For the header X-Semblance-Write-Token of every call under the cookie that is not a GET. */
      writeToken: string | null
      /** Half an hour after the last use, and twelve hours after the sign-in at the latest. */
      expiresAt: string | null
    }
    DeviceInfo: {
      app: string
      licenseId: null
      licenseSerial: null
      licenseValidUntil: null
      version: string
    }
    Readiness: {
      app: string
      licenseId: null
      licenseSerial: null
      licenseValidUntil: null
      version: string
      ready: boolean
      /** What stands in the way. */
      missing: string[]
    }
  }
}

export interface paths {
  '/api/persons': {
    /** Create a person */
    post: {
      parameters: { query?: never; path?: never; header?: { 'Idempotency-Key'?: string } }
      requestBody: { content: { 'application/json': components['schemas']['PersonFields'] } }
      responses: {
        201: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Person'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
    /** List persons */
    get: {
      parameters: {
        query?: {
          page?: number
          size?: number
          cursor?: string
          name?: string
          namePrefix?: string
          externalId?: string
          groupId?: string
          hasImages?: 'true' | 'false'
          createdFrom?: string
          createdTo?: string
          updatedFrom?: string
          updatedTo?: string
          sort?: 'createdAt' | '-createdAt' | 'updatedAt' | '-updatedAt' | 'name' | '-name'
          skip?: number
        }
        path?: never
        header?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['PersonsPage'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
    /** Delete all persons to whom a filter applies */
    delete: {
      parameters: {
        query?: {
          name?: string
          namePrefix?: string
          externalId?: string
          groupId?: string
          hasImages?: 'true' | 'false'
          createdFrom?: string
          createdTo?: string
          updatedFrom?: string
          updatedTo?: string
          dryRun?: 'true' | 'false'
          count?: number
          all?: 'true' | 'false'
        }
        path?: never
        header?: { 'Idempotency-Key'?: string }
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['PersonCount'] }
        }
        202: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Operation'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/persons/{personId}': {
    /** Read a person */
    get: {
      parameters: { query?: never; path: { personId: string }; header?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Person'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
    /** Change a person */
    put: {
      parameters: { query?: never; path: { personId: string }; header?: { 'If-Match'?: string } }
      requestBody: { content: { 'application/json': components['schemas']['PersonToUpdateFields'] } }
      responses: {
        204: { headers: { [name: string]: unknown }; content?: never }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        412: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
    /** Delete a person with all pictures */
    delete: {
      parameters: { query?: never; path: { personId: string }; header?: { 'Idempotency-Key'?: string } }
      requestBody?: never
      responses: {
        204: { headers: { [name: string]: unknown }; content?: never }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/persons/{personId}/groups': {
    /** List the groups of a person */
    get: {
      parameters: {
        query?: { page?: number; size?: number; cursor?: string }
        path: { personId: string }
        header?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['GroupPage'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/persons/{personId}/merge': {
    /** Merge another person into this one */
    post: {
      parameters: { query?: never; path: { personId: string }; header?: { 'Idempotency-Key'?: string } }
      requestBody: { content: { 'application/json': components['schemas']['MergePersonRequest'] } }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Person'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/persons/{personId}/history': {
    /** Read what is known to have happened to a person */
    get: {
      parameters: { query?: never; path: { personId: string }; header?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['PersonHistory'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/persons/{personId}/images': {
    /** Enroll a picture of a person */
    post: {
      parameters: { query?: never; path: { personId: string }; header?: { 'Idempotency-Key'?: string } }
      requestBody: {
        content: {
          'application/json': components['schemas']['AddImageToPersonRequest']
          'multipart/form-data': {
            /** The picture. */
            image?: string
            /** Ours: what the face must comply with, or 400 is answered; left out: what the server asks for. */
            quality?:
              | ('off' | 'standard' | 'strict')
              | {
                  name:
                    | 'faceQuality'
                    | 'faceQuality.size'
                    | 'faceQuality.sharpness'
                    | 'faceQuality.exposure'
                    | 'faceQuality.pose'
                    | 'faceQuality.covering'
                    | 'faceQuality.detection'
                    | 'faceQuality.landmarks'
                    | 'faceQuality.agreement'
                    | 'faceQuality.norm'
                    | 'ImageWidth'
                    | 'ImageHeight'
                    | 'ImageWidthToHeight'
                    | 'ImageChannelsNumber'
                    | 'PaddingRatio'
                    | 'ArtFace'
                    | 'FaceMidPointHorizontalPosition'
                    | 'FaceMidPointVerticalPosition'
                    | 'HeadWidthRatio'
                    | 'HeadHeightRatio'
                    | 'EyesDistance'
                    | 'Yaw'
                    | 'Pitch'
                    | 'Roll'
                    | 'BlurLevel'
                    | 'NoiseLevel'
                    | 'UnnaturalSkinTone'
                    | 'FaceDynamicRange'
                    | 'EyeRightClosed'
                    | 'EyeLeftClosed'
                    | 'EyeRightOccluded'
                    | 'EyeLeftOccluded'
                    | 'EyesRed'
                    | 'EyeRightCoveredWithHair'
                    | 'EyeLeftCoveredWithHair'
                    | 'OffGaze'
                    | 'ContactLenses'
                    | 'TooDark'
                    | 'TooLight'
                    | 'FaceGlare'
                    | 'ShadowsOnFace'
                    | 'ShouldersPose'
                    | 'ExpressionLevel'
                    | 'MouthOpen'
                    | 'Smile'
                    | 'DarkGlasses'
                    | 'ReflectionOnGlasses'
                    | 'FramesTooHeavy'
                    | 'FaceOccluded'
                    | 'HeadCovering'
                    | 'ForeheadCovering'
                    | 'StrongMakeup'
                    | 'Headphones'
                    | 'MedicalMask'
                    | 'BackgroundUniformity'
                    | 'ShadowsOnBackground'
                    | 'OtherFaces'
                    | 'BackgroundColorMatch'
                  range: [number, number]
                }[]
            /** Any of the fields as one JSON object; the other parts are put into it. */
            request?: string
          }
        }
      }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['EnrolledImage'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
    /** List the pictures of a person */
    get: {
      parameters: {
        query?: { page?: number; size?: number; cursor?: string }
        path: { personId: string }
        header?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['ImagePage'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/persons/{personId}/images/{imageId}': {
    /** Download a picture, or a small copy of it */
    get: {
      parameters: {
        query?: { size?: 96 | 192 | 384 | 768; crop?: 'face' }
        path: { personId: string; imageId: string }
        header?: never
      }
      requestBody?: never
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'image/*': unknown } }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
    /** Delete a picture */
    delete: {
      parameters: {
        query?: never
        path: { personId: string; imageId: string }
        header?: { 'Idempotency-Key'?: string }
      }
      requestBody?: never
      responses: {
        204: { headers: { [name: string]: unknown }; content?: never }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/persons/{personId}/picture': {
    /** A small copy of a picture of a person */
    get: {
      parameters: {
        query?: { size?: 96 | 192 | 384 | 768; crop?: 'face' }
        path: { personId: string }
        header?: never
      }
      requestBody?: never
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'image/jpeg': unknown } }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/groups': {
    /** List the groups */
    get: {
      parameters: { query?: { page?: number; size?: number; cursor?: string }; path?: never; header?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['GroupPage'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
    /** Create a group */
    post: {
      parameters: { query?: never; path?: never; header?: { 'Idempotency-Key'?: string } }
      requestBody: { content: { 'application/json': components['schemas']['GroupToCreate'] } }
      responses: {
        201: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Group'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/groups/{groupId}': {
    /** Read a group */
    get: {
      parameters: { query?: never; path: { groupId: string }; header?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['CountedGroup'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
    /** Change a group */
    put: {
      parameters: { query?: never; path: { groupId: string }; header?: never }
      requestBody: { content: { 'application/json': components['schemas']['GroupToUpdate'] } }
      responses: {
        204: { headers: { [name: string]: unknown }; content?: never }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
    /** Delete a group; its persons stay */
    delete: {
      parameters: { query?: never; path: { groupId: string }; header?: { 'Idempotency-Key'?: string } }
      requestBody?: never
      responses: {
        204: { headers: { [name: string]: unknown }; content?: never }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/groups/{groupId}/persons': {
    /** List the persons of a group */
    get: {
      parameters: {
        query?: { page?: number; size?: number; cursor?: string }
        path: { groupId: string }
        header?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['PersonsPage'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
    /** Add persons to a group, take persons out */
    put: {
      parameters: { query?: never; path: { groupId: string }; header?: never }
      requestBody: { content: { 'application/json': components['schemas']['UpdateGroup'] } }
      responses: {
        204: { headers: { [name: string]: unknown }; content?: never }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/stats': {
    /** Count what there is and what waits */
    get: {
      parameters: { query?: never; path?: never; header?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Stats'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/export': {
    /** Export groups, persons and images */
    get: {
      parameters: {
        query?: {
          name?: string
          namePrefix?: string
          externalId?: string
          groupId?: string
          hasImages?: 'true' | 'false'
          createdFrom?: string
          createdTo?: string
          updatedFrom?: string
          updatedTo?: string
          personId?: string
          selection?: string
          descriptors?: 'true' | 'false'
          format?: 'ndjson' | 'tar'
        }
        path?: never
        header?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/x-ndjson': unknown; 'application/x-tar': unknown }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
    /** Export some persons */
    post: {
      parameters: { query?: never; path?: never; header?: { 'Idempotency-Key'?: string } }
      requestBody: { content: { 'application/json': components['schemas']['ExportRequest'] } }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/x-ndjson': unknown; 'application/x-tar': unknown }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/export/selections': {
    /** Select persons for an export */
    post: {
      parameters: { query?: never; path?: never; header?: { 'Idempotency-Key'?: string } }
      requestBody: { content: { 'application/json': components['schemas']['SelectionRequest'] } }
      responses: {
        201: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Selection'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/search': {
    /** Who is in this picture? */
    post: {
      parameters: { query?: { withImages?: boolean }; path?: never; header?: { 'Idempotency-Key'?: string } }
      requestBody: {
        content: {
          'application/json': components['schemas']['SearchRequest']
          'multipart/form-data': {
            /** The picture. */
            image?: string
            /** Where to look; left out or empty: the whole gallery. */
            groupIds?: string[]
            /** Greatest distance, 0..2; smaller is stricter. */
            threshold?: number
            /** Most persons, at most 1000; 100 if left out. */
            limit?: number
            /** Ours, instead of threshold: the share of strangers for whom somebody may be found, above 0 and below 1. The distance comes from the number of images that are searched. */
            targetFpir?: number
            /** Every face instead of the most central one. */
            detectAll?: boolean
            /** Made from this picture if nobody is found and it shows exactly one face; answered with 201. For example `{"name": "Ada"}`. */
            createPerson?: {
              /** Name of the person. */
              name: string
              metadata?: { [key: string]: unknown } | null
              /** Seconds to live. */
              ttl?: number | null
              /** Ours: what the face must comply with, or nobody is made (code 231); left out: what the server asks for. */
              quality?:
                | (
                    | ('off' | 'standard' | 'strict')
                    | {
                        name:
                          | 'faceQuality'
                          | 'faceQuality.size'
                          | 'faceQuality.sharpness'
                          | 'faceQuality.exposure'
                          | 'faceQuality.pose'
                          | 'faceQuality.covering'
                          | 'faceQuality.detection'
                          | 'faceQuality.landmarks'
                          | 'faceQuality.agreement'
                          | 'faceQuality.norm'
                          | 'ImageWidth'
                          | 'ImageHeight'
                          | 'ImageWidthToHeight'
                          | 'ImageChannelsNumber'
                          | 'PaddingRatio'
                          | 'ArtFace'
                          | 'FaceMidPointHorizontalPosition'
                          | 'FaceMidPointVerticalPosition'
                          | 'HeadWidthRatio'
                          | 'HeadHeightRatio'
                          | 'EyesDistance'
                          | 'Yaw'
                          | 'Pitch'
                          | 'Roll'
                          | 'BlurLevel'
                          | 'NoiseLevel'
                          | 'UnnaturalSkinTone'
                          | 'FaceDynamicRange'
                          | 'EyeRightClosed'
                          | 'EyeLeftClosed'
                          | 'EyeRightOccluded'
                          | 'EyeLeftOccluded'
                          | 'EyesRed'
                          | 'EyeRightCoveredWithHair'
                          | 'EyeLeftCoveredWithHair'
                          | 'OffGaze'
                          | 'ContactLenses'
                          | 'TooDark'
                          | 'TooLight'
                          | 'FaceGlare'
                          | 'ShadowsOnFace'
                          | 'ShouldersPose'
                          | 'ExpressionLevel'
                          | 'MouthOpen'
                          | 'Smile'
                          | 'DarkGlasses'
                          | 'ReflectionOnGlasses'
                          | 'FramesTooHeavy'
                          | 'FaceOccluded'
                          | 'HeadCovering'
                          | 'ForeheadCovering'
                          | 'StrongMakeup'
                          | 'Headphones'
                          | 'MedicalMask'
                          | 'BackgroundUniformity'
                          | 'ShadowsOnBackground'
                          | 'OtherFaces'
                          | 'BackgroundColorMatch'
                        range: [number, number]
                      }[]
                  )
                | null
            }
            /** Holds together with groupIds. For example `{"op": "in", "field": "name", "value": ["Ada"]}`; case counts. */
            filter?: {
              op: 'in' | 'nin'
              field: 'name' | 'externalId'
              value: string[]
            }
            /** Ours. Persons with these values in their metadata; holds together with groupIds and filter. Keys and values are those of `metadata.` in the list of persons: dots part keys, and of several values all must be there. */
            metadataFilter?: { [key: string]: string | string[] }
            /** Asks for the aligned face picture in persons[].detection.crop. */
            outputImageParams?: {
              /** Accepted, without effect; answers then carry X-Semblance-Ignored. */
              backgroundColor?: [number, number, number] | null
              crop?: {
                /** Width to height: 0 3:4, 1 4:5, 2 2:3, 3 1:1, 4 7:9. */
                type?: (0 | 1 | 2 | 3 | 4) | null
                /** Of what lies outside the picture; black if left out. */
                padColor?: [number, number, number] | null
                /** Width and height; applied only if it fits the type. */
                size?: [number, number] | null
              } | null
            }
            /** Ours, instead of image: search with all pictures of this person. */
            personId?: string
            /** Ours, instead of image: search with this enrolled picture. */
            imageId?: string
            /** Ours, with personId or imageId: the person itself may be answered, too. */
            includeSelf?: boolean
            /** Any of the fields as one JSON object; the other parts are put into it. */
            request?: string
          }
        }
      }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['SearchResult'] }
        }
        201: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['CreatedPerson'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/feedback': {
    /** Say whether a candidate was the right one */
    post: {
      parameters: { query?: never; path?: never; header?: { 'Idempotency-Key'?: string } }
      requestBody: { content: { 'application/json': components['schemas']['FeedbackFields'] } }
      responses: {
        201: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Feedback'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
    /** Read what was said of candidates */
    get: {
      parameters: {
        query?: { personId?: string; size?: number; cursor?: string }
        path?: never
        header?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['FeedbackPage'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/feedback/{feedbackId}': {
    /** Take back what was said of a candidate */
    delete: {
      parameters: { query?: never; path: { feedbackId: string }; header?: { 'Idempotency-Key'?: string } }
      requestBody?: never
      responses: {
        204: { headers: { [name: string]: unknown }; content?: never }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/detect': {
    /** Where are the faces, and what do they look like? */
    post: {
      parameters: { query?: never; path?: never; header?: { 'Idempotency-Key'?: string } }
      requestBody: {
        content: {
          'application/json': components['schemas']['DetectRequest']
          'multipart/form-data': {
            /** The picture. */
            image?: string
            processParam?: {
              /** OldMode, QualityFull, QualityICAO, QualityVisaSchengen, QualityVisaUSA, CropCentralFace, CropAllFaces, Thumbnail, AttributesAll: wins over the fields beside it. Any other name is passed over. */
              scenario?: string | null
              /** False: every face; true if left out. */
              onlyCentralFace?: boolean | null
              /** Asks for an upright picture of each face. */
              outputImageParams?: {
                /** Accepted, without effect; answers then carry X-Semblance-Ignored. */
                backgroundColor?: [number, number, number] | null
                crop?: {
                  /** Width to height: 0 3:4, 1 4:5, 2 2:3, 3 1:1, 4 7:9. */
                  type?: (0 | 1 | 2 | 3 | 4) | null
                  /** Of what lies outside the picture; black if left out. */
                  padColor?: [number, number, number] | null
                  /** Width and height; applied only if it fits the type. */
                  size?: [number, number] | null
                } | null
              } | null
              /** Asks for detections[].quality. */
              quality?: {
                /** Accepted, without effect; answers then carry X-Semblance-Ignored. */
                backgroundMatchColor?: [number, number, number] | null
                /** What to judge; left out or empty: everything. */
                config?:
                  | {
                      name:
                        | 'ImageWidth'
                        | 'ImageHeight'
                        | 'ImageWidthToHeight'
                        | 'ImageChannelsNumber'
                        | 'PaddingRatio'
                        | 'ArtFace'
                        | 'FaceMidPointHorizontalPosition'
                        | 'FaceMidPointVerticalPosition'
                        | 'HeadWidthRatio'
                        | 'HeadHeightRatio'
                        | 'EyesDistance'
                        | 'Yaw'
                        | 'Pitch'
                        | 'Roll'
                        | 'BlurLevel'
                        | 'NoiseLevel'
                        | 'UnnaturalSkinTone'
                        | 'FaceDynamicRange'
                        | 'EyeRightClosed'
                        | 'EyeLeftClosed'
                        | 'EyeRightOccluded'
                        | 'EyeLeftOccluded'
                        | 'EyesRed'
                        | 'EyeRightCoveredWithHair'
                        | 'EyeLeftCoveredWithHair'
                        | 'OffGaze'
                        | 'ContactLenses'
                        | 'TooDark'
                        | 'TooLight'
                        | 'FaceGlare'
                        | 'ShadowsOnFace'
                        | 'ShouldersPose'
                        | 'ExpressionLevel'
                        | 'MouthOpen'
                        | 'Smile'
                        | 'DarkGlasses'
                        | 'ReflectionOnGlasses'
                        | 'FramesTooHeavy'
                        | 'FaceOccluded'
                        | 'HeadCovering'
                        | 'ForeheadCovering'
                        | 'StrongMakeup'
                        | 'Headphones'
                        | 'MedicalMask'
                        | 'BackgroundUniformity'
                        | 'ShadowsOnBackground'
                        | 'OtherFaces'
                        | 'BackgroundColorMatch'
                      /** Lowest and highest value that complies; left out: ours. */
                      range?: [number, number] | null
                    }[]
                  | null
              } | null
              /** Asks for detections[].attributes. */
              attributes?: {
                /** What to tell; left out or empty: everything. */
                config?:
                  | {
                      name:
                        | 'Age'
                        | 'Emotion'
                        | 'EyeLeft'
                        | 'EyeRight'
                        | 'Smile'
                        | 'Glasses'
                        | 'HeadCovering'
                        | 'ForeheadCovering'
                        | 'Mouth'
                        | 'MedicalMask'
                        | 'Occlusion'
                        | 'StrongMakeup'
                        | 'Headphones'
                    }[]
                  | null
              } | null
            }
            /** Any of the fields as one JSON object; the other parts are put into it. */
            request?: string
          }
        }
      }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['DetectResult'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/match': {
    /** Do these pictures show the same person? */
    post: {
      parameters: { query?: never; path?: never; header?: { 'Idempotency-Key'?: string } }
      requestBody: {
        content: {
          'application/json': components['schemas']['MatchRequest']
          'multipart/form-data': {
            /** The pictures, in order. */
            images?: string[]
            /** Asks for the aligned face pictures in detections[].faces[].crop. */
            outputImageParams?: {
              /** Accepted, without effect; answers then carry X-Semblance-Ignored. */
              backgroundColor?: [number, number, number] | null
              crop?: {
                /** Width to height: 0 3:4, 1 4:5, 2 2:3, 3 1:1, 4 7:9. */
                type?: (0 | 1 | 2 | 3 | 4) | null
                /** Of what lies outside the picture; black if left out. */
                padColor?: [number, number, number] | null
                /** Width and height; applied only if it fits the type. */
                size?: [number, number] | null
              } | null
            }
            /** Any of the fields as one JSON object; the other parts are put into it. */
            request?: string
          }
        }
      }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['MatchAnswer'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/match_and_search': {
    /** Do these pictures show the same person, and who is it? */
    post: {
      parameters: { query?: never; path?: never; header?: { 'Idempotency-Key'?: string } }
      requestBody: {
        content: {
          'application/json': components['schemas']['MatchAndSearchRequest']
          'multipart/form-data': {
            /** The pictures, in order. */
            images?: string[]
            /** Where to look; left out or empty: the whole gallery. */
            groupIds?: string[]
            /** Greatest distance, 0..2; smaller is stricter. */
            threshold?: number
            /** Most persons, at most 1000; 100 if left out. */
            limit?: number
            /** Ours, instead of threshold: the share of strangers for whom somebody may be found, above 0 and below 1. The distance comes from the number of images that are searched. */
            targetFpir?: number
            /** Any of the fields as one JSON object; the other parts are put into it. */
            request?: string
          }
        }
      }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['MatchAnswer'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/imports': {
    /** List the imports */
    get: {
      parameters: { query?: { page?: number; size?: number; cursor?: string }; path?: never; header?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['ImportPage'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
    /** Begin an import */
    post: {
      parameters: { query?: never; path?: never; header?: { 'Idempotency-Key'?: string } }
      requestBody: { content: { 'application/json': components['schemas']['ImportFields'] } }
      responses: {
        201: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Import'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/imports/{importId}': {
    /** Read an import and its progress */
    get: {
      parameters: { query?: never; path: { importId: string }; header?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Import'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
    /** Delete an import */
    delete: {
      parameters: {
        query?: { persons?: 'keep' | 'created'; count?: number; dryRun?: 'true' | 'false' }
        path: { importId: string }
        header?: { 'Idempotency-Key'?: string }
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['MadePersonCount'] }
        }
        204: { headers: { [name: string]: unknown }; content?: never }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/imports/{importId}/close': {
    /** Say that all rows are in */
    post: {
      parameters: { query?: never; path: { importId: string }; header?: { 'Idempotency-Key'?: string } }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Import'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/imports/{importId}/pause': {
    /** Pause an import */
    post: {
      parameters: { query?: never; path: { importId: string }; header?: { 'Idempotency-Key'?: string } }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Import'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/imports/{importId}/resume': {
    /** Go on with an import */
    post: {
      parameters: { query?: never; path: { importId: string }; header?: { 'Idempotency-Key'?: string } }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Import'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/imports/{importId}/cancel': {
    /** End an import before all of its rows are done */
    post: {
      parameters: { query?: never; path: { importId: string }; header?: { 'Idempotency-Key'?: string } }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Import'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/imports/{importId}/retry': {
    /** Try rows that failed once more */
    post: {
      parameters: { query?: never; path: { importId: string }; header?: { 'Idempotency-Key'?: string } }
      requestBody?: { content: { 'application/json': components['schemas']['RowsToRetry'] } }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['RetriedImport'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/imports/{importId}/rows': {
    /** Add rows to an import */
    post: {
      parameters: { query?: never; path: { importId: string }; header?: never }
      requestBody: {
        content: {
          'application/x-ndjson': string
          'application/ndjson': string
          'text/csv': string
          'multipart/form-data': string
        }
      }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['TakenRows'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/imports/{importId}/content': {
    /** Add an archive of pictures to an import */
    put: {
      parameters: {
        query?: {
          layout?: 'auto' | 'folders' | 'manifest'
          pattern?: string
          encoding?: 'utf-8' | 'windows-1252'
        }
        path: { importId: string }
        header?: never
      }
      requestBody: {
        content: {
          'application/x-ndjson': string
          'application/ndjson': string
          'text/csv': string
          'multipart/form-data': string
          'application/x-tar': string
          'application/gzip': string
          'application/x-gzip': string
          'application/zip': string
          'application/octet-stream': string
        }
      }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['TakenRows'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/imports/{importId}/rows/known': {
    /** Ask which rows are there */
    post: {
      parameters: { query?: never; path: { importId: string }; header?: { 'Idempotency-Key'?: string } }
      requestBody: { content: { 'application/json': components['schemas']['RowKeys'] } }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['KnownRows'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/imports/{importId}/source': {
    /** Have rows taken from a bucket, or from a file behind a link */
    post: {
      parameters: { query?: never; path: { importId: string }; header?: { 'Idempotency-Key'?: string } }
      requestBody: { content: { 'application/json': components['schemas']['SourceToRead'] } }
      responses: {
        202: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Import'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/imports/{importId}/report': {
    /** Read what came of each row */
    get: {
      parameters: {
        query?: {
          format?: 'ndjson' | 'csv'
          outcome?:
            | 'enrolled'
            | 'person-written'
            | 'group-written'
            | 'same-picture'
            | 'same-person'
            | 'no-face'
            | 'several-faces'
            | 'low-quality'
            | 'undecodable'
            | 'link-refused'
            | 'invalid'
            | 'failed'
            | 'cancelled'
            | 'none'
        }
        path: { importId: string }
        header?: never
      }
      requestBody?: never
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'application/x-ndjson': unknown } }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/imports/{importId}/events': {
    /** Follow the progress of an import */
    get: {
      parameters: { query?: never; path: { importId: string }; header?: never }
      requestBody?: never
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'text/event-stream': string } }
        204: { headers: { [name: string]: unknown }; content?: never }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/operations': {
    /** List long operations */
    get: {
      parameters: {
        query?: {
          page?: number
          size?: number
          cursor?: string
          kind?: 'delete-persons' | 'find-duplicates' | 'redescribe'
        }
        path?: never
        header?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationPage'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/operations/{operationId}': {
    /** Read a long operation and its progress */
    get: {
      parameters: { query?: never; path: { operationId: string }; header?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Operation'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
    /** Forget an operation that has ended, and what it found */
    delete: {
      parameters: { query?: never; path: { operationId: string }; header?: { 'Idempotency-Key'?: string } }
      requestBody?: never
      responses: {
        204: { headers: { [name: string]: unknown }; content?: never }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/operations/{operationId}/events': {
    /** Follow the progress of a long operation */
    get: {
      parameters: { query?: never; path: { operationId: string }; header?: never }
      requestBody?: never
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'text/event-stream': string } }
        204: { headers: { [name: string]: unknown }; content?: never }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/operations/{operationId}/pause': {
    /** Pause an operation */
    post: {
      parameters: { query?: never; path: { operationId: string }; header?: { 'Idempotency-Key'?: string } }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Operation'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/operations/{operationId}/resume': {
    /** Go on with an operation */
    post: {
      parameters: { query?: never; path: { operationId: string }; header?: { 'Idempotency-Key'?: string } }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Operation'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/operations/{operationId}/cancel': {
    /** End an operation before its work is done */
    post: {
      parameters: { query?: never; path: { operationId: string }; header?: { 'Idempotency-Key'?: string } }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Operation'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/duplicates': {
    /** Look for persons who are enrolled twice */
    post: {
      parameters: { query?: never; path?: never; header?: { 'Idempotency-Key'?: string } }
      requestBody: { content: { 'application/json': components['schemas']['DuplicateSearchFields'] } }
      responses: {
        202: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['DuplicateSearch'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
    /** List searches for duplicates */
    get: {
      parameters: { query?: { page?: number; size?: number; cursor?: string }; path?: never; header?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['DuplicateSearchPage'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/duplicates/{duplicatesId}': {
    /** Read a search for duplicates and its progress */
    get: {
      parameters: { query?: never; path: { duplicatesId: string }; header?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['DuplicateSearch'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/duplicates/{duplicatesId}/pairs': {
    /** Read the pairs that were found */
    get: {
      parameters: {
        query?: {
          format?: 'json' | 'ndjson'
          size?: number
          cursor?: string
          decision?: 'keep' | 'later' | 'none'
        }
        path: { duplicatesId: string }
        header?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['DuplicatePairPage'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/duplicates/{duplicatesId}/decisions': {
    /** Say what was decided about a pair */
    put: {
      parameters: { query?: never; path: { duplicatesId: string }; header?: never }
      requestBody: { content: { 'application/json': components['schemas']['PairDecision'] } }
      responses: {
        204: { headers: { [name: string]: unknown }; content?: never }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/redescribe': {
    /** Move the gallery to another model pack */
    post: {
      parameters: { query?: never; path?: never; header?: { 'Idempotency-Key'?: string } }
      requestBody: { content: { 'application/json': components['schemas']['RedescribeFields'] } }
      responses: {
        202: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Operation'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
    /** Read which model packs the gallery has, and how far its move is */
    get: {
      parameters: { query?: never; path?: never; header?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Redescribing'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/redescribe/undescribed': {
    /** List images of which a model pack makes nothing, with the reason */
    get: {
      parameters: { query?: { pack?: string; cursor?: string }; path?: never; header?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['UndescribedImages'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/redescribe/switch': {
    /** Let the other model pack serve: the new one, or the one that served before */
    post: {
      parameters: { query?: never; path?: never; header?: { 'Idempotency-Key'?: string } }
      requestBody: { content: { 'application/json': components['schemas']['SwitchPackFields'] } }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Redescribing'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/redescribe/drop': {
    /** Drop the descriptors of the model pack that does not serve */
    post: {
      parameters: { query?: never; path?: never; header?: { 'Idempotency-Key'?: string } }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Redescribing'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/system': {
    /** How the installation stands */
    get: {
      parameters: { query?: never; path?: never; header?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['System'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/session': {
    /** Sign in with an API key */
    post: {
      parameters: { query?: never; path?: never; header?: { 'Idempotency-Key'?: string } }
      requestBody: { content: { 'application/json': components['schemas']['SignInRequest'] } }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Session'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        401: { headers: { [name: string]: unknown }; content?: never }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        429: { headers: { [name: string]: unknown }; content?: never }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
    /** Who is signed in */
    get: {
      parameters: { query?: never; path?: never; header?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Session'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
    /** Sign out */
    delete: {
      parameters: { query?: never; path?: never; header?: { 'Idempotency-Key'?: string } }
      requestBody?: never
      responses: {
        204: { headers: { [name: string]: unknown }; content?: never }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['OperationLog'] }
        }
      }
    }
  }
  '/api/healthz': {
    /** Is the process alive? */
    get: {
      parameters: { query?: never; path?: never; header?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['DeviceInfo'] }
        }
      }
    }
  }
  '/api/readyz': {
    /** Would a search be answered? */
    get: {
      parameters: { query?: never; path?: never; header?: never }
      requestBody?: never
      responses: {
        200: { headers: { [name: string]: unknown }; content?: never }
        400: { headers: { [name: string]: unknown }; content?: never }
      }
    }
  }
  '/api/readiness': {
    /** The same for older clients */
    get: {
      parameters: { query?: never; path?: never; header?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Readiness'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Readiness'] }
        }
      }
    }
  }
  '/api/ping': {
    /** Is the process alive? */
    get: {
      parameters: { query?: never; path?: never; header?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['DeviceInfo'] }
        }
      }
    }
  }
  '/metrics': {
    /** Metrics for Prometheus */
    get: {
      parameters: { query?: never; path?: never; header?: never }
      requestBody?: never
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'text/plain': string } }
      }
    }
  }
  '/openapi.json': {
    /** This description */
    get: {
      parameters: { query?: never; path?: never; header?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': { [key: string]: unknown } }
        }
      }
    }
  }
}
