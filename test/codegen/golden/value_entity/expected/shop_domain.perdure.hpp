// Written by protoc-gen-perdure from shop_domain.proto. Do not edit: change that file.
// No service of it serves an entity, so there is nothing here.
#pragma once
