// Written by protoc-gen-perdure from wallet.proto. Do not edit: change that file.
// No service of it is an entity's or an action, so there is nothing here.
#pragma once
